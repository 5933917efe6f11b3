import type { useQueues, useSources, useSummary, useWorkers } from '../../api/queries.js';

type DataOf<Hook extends () => { readonly data: unknown }> = NonNullable<ReturnType<Hook>['data']>;

export type Numbers = DataOf<typeof useSummary>;
export type Queues = DataOf<typeof useQueues>;
export type Workers = DataOf<typeof useWorkers>;
export type Sources = DataOf<typeof useSources>;

/** What the page has been told so far; all but the numbers may come later. */
export interface Known {
  readonly numbers: Numbers;
  readonly queues: Queues | undefined;
  readonly workers: Workers | undefined;
  readonly sources: Sources | undefined;
}
