import type { SourceStatus } from '../core/source.js';

/** A configured broker of which it is not yet known what lives there: it has not answered, or holds nothing that an engine knows. */
export interface UnresolvedBroker {
  /** URL without credentials. */
  readonly location: string;
  readonly status: SourceStatus;
}
