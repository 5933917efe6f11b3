import type { EngineKind } from './source.js';

export interface PriorityLength {
  /** As the engine numbers it; null for tasks without one. */
  readonly priority: number | null;
  readonly length: number;
}

/** A repeating task as the broker keeps it. Times are epoch milliseconds. */
export interface Schedule {
  readonly id: string;
  readonly name: string;
  /** Cron expression, or null where `everyMs` is set. */
  readonly cron: string | null;
  readonly everyMs: number | null;
  readonly timeZone: string | null;
  readonly nextAt: number | null;
  /** The next run is overdue and nothing in the queue stands for it: it will never run again by itself. */
  readonly missed: boolean;
}

/** Counts are exact at `EngineSnapshot.at`. null means that this engine cannot know. */
export interface Queue {
  readonly source: string;
  readonly engine: EngineKind;
  readonly name: string;
  /** Tasks in the broker waiting for a worker, the paused and the prioritised included. */
  readonly length: number;
  readonly byPriority: readonly PriorityLength[] | null;
  readonly active: number | null;
  /** Waiting for a time. */
  readonly delayed: number | null;
  readonly unacknowledged: number | null;
  /** Finished tasks that the broker still keeps: falls when they are cleaned, so never a counter. */
  readonly kept: { readonly succeeded: number; readonly failed: number } | null;
  readonly consumers: number | null;
  readonly oldestWaitingSeconds: number | null;
  readonly paused: boolean | null;
  /** Active tasks whose worker is gone. */
  readonly orphaned: number | null;
  readonly schedules: readonly Schedule[] | null;
}

/** Tasks wait, and nobody takes them; null where the engine cannot know who takes. */
export function isUnattended({ length, consumers }: Queue): boolean | null {
  return consumers === null ? null : length > 0 && consumers === 0;
}
