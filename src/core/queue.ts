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
  /** When its last run began; null where it has not run yet, or nothing tells. */
  readonly lastAt: number | null;
  /** The next run is overdue and nothing in the queue stands for it: it will never run again by itself. */
  readonly missed: boolean;
  /** Runs that should have begun by now and did not; null while those of a cron expression are still counted, some milliseconds at each look. */
  readonly missedRuns: number | null;
  /** False where this one cannot be edited, although others of its engine can. */
  readonly editable?: boolean;
}

/** What holds back the workers of a queue, as the broker keeps it. A limit that only a worker's code knows is not among it. */
export interface QueueLimits {
  /** Tasks that all workers together may run at once; null: no such limit is set. */
  readonly concurrency: number | null;
  /** Tasks that may start within each period, whichever worker takes them; null: no such limit is set. */
  readonly rate: { readonly tasks: number; readonly periodMs: number } | null;
  /** Nothing starts for so long, because a rate is used up; 0 where nothing is held back, null where a worker's own limit may do so. */
  readonly heldBackMs: number | null;
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
  /** Parents that wait for their children to end. */
  readonly waitingChildren: number | null;
  readonly unacknowledged: number | null;
  /** Finished tasks that the broker still keeps: falls when they are cleaned, so never a counter. */
  readonly kept: { readonly succeeded: number; readonly failed: number } | null;
  readonly consumers: number | null;
  readonly oldestWaitingSeconds: number | null;
  readonly paused: boolean | null;
  readonly limits: QueueLimits | null;
  /** Active tasks whose worker is gone. */
  readonly orphaned: number | null;
  readonly schedules: readonly Schedule[] | null;
}

/** Tasks wait, and nobody takes them; null where the engine cannot know who takes. */
export function isUnattended({ length, consumers }: Queue): boolean | null {
  return consumers === null ? null : length > 0 && consumers === 0;
}
