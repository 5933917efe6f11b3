import type { ComponentType } from 'react';
import type { Permission } from '../api/session.js';
import type { IconName } from '../components/Icon.js';

/** What a page says about itself in its `page.ts`. The folder being there is all it takes to be in the rail, the palette and the keys. */
export interface PageDefinition {
  /** Below the prefix, without a slash; empty for the first page. `:name` is a parameter, `/*` takes everything below. */
  readonly path: string;
  readonly title: string;
  readonly icon: IconName;
  /** The letter after `g`. */
  readonly key: string;
  /** Place in the rail, from the top. */
  readonly order: number;
  /** What it shows where the reader has chosen no time range, in words; the range's own default where this is missing. */
  readonly unchosenRange?: string;
  /** Only for readers who may do this. */
  readonly needs?: Permission;
  /** Loaded when it is first gone to. */
  readonly load: () => Promise<ComponentType>;
}
