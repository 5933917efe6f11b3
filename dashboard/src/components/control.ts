import type { Capability } from '../api/model.js';

/** A button that a page draws where the source, or the thing itself, can do what it is for. */
export interface Control<Needs extends string = Capability> {
  readonly id: string;
  readonly label: string;
  readonly needs: Needs;
  /** operationId, by which a token may be limited. */
  readonly operation: string;
}
