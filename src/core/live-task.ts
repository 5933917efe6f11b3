import type { EngineKind } from './source.js';
import type { AttemptOutcome, TaskAttempt, TaskError, TaskState, TaskSummary } from './task.js';

/**
 * What memory holds of one task. Changed in place by `applyEvent`, and but for the last two fields by nothing else: at tens of thousands of events a second a new
 * object per event would be most of the cost.
 */
export interface LiveTask {
  readonly source: string;
  readonly engine: EngineKind;
  readonly id: string;
  name: string | null;
  queue: string | null;
  state: TaskState;
  worker: string | null;
  sentAt: number | null;
  eta: number | null;
  /** Of the first attempt, which ends the wait. */
  firstStartedAt: number | null;
  startedAt: number | null;
  finishedAt: number | null;
  runtimeMs: number | null;
  /** Distinct starts seen. */
  attempts: number;
  error: TaskError | null;
  result: unknown;
  resultBytes: number;
  progress: unknown;
  /** Facts already counted, the oldest first: see `FACT_WIDTH` in apply-event.ts. */
  readonly facts: number[];
  /** Place of the fact that decided `state` in the order of facts. */
  stateOccurrence: number;
  stateRank: number;
  /** Occurrence of the latest start. */
  startOccurrence: number;
  /** An outcome whose start has not been heard of yet, so that its duration is still to be told. */
  untimed: { readonly outcome: AttemptOutcome; readonly occurrence: number; readonly at: number } | null;
  /** The time it waited has been told. */
  waitTold: boolean;
  attemptHistory: TaskAttempt[];
  /** When its end was heard of, in whole seconds of a clock of ours: workers' clocks may be wrong. Kept where the ended are to go some time after. */
  endHeardAt: number;
  /** The history has what the task was given: a set of tasks beside would cost more than the task. */
  payloadStored: boolean;
}

/** Heap of an ordinary finished task beside its id, result and error: measured by `npm run bench`. */
export const LIVE_TASK_BYTES = 850;

/** A result larger than this stays out of memory. */
export const MAX_LIVE_RESULT_BYTES = 4 * 1024;

export function newLiveTask(source: string, engine: EngineKind, id: string): LiveTask {
  return {
    source,
    engine,
    id,
    name: null,
    queue: null,
    state: 'PENDING',
    worker: null,
    sentAt: null,
    eta: null,
    firstStartedAt: null,
    startedAt: null,
    finishedAt: null,
    runtimeMs: null,
    attempts: 0,
    error: null,
    result: undefined,
    resultBytes: 0,
    progress: undefined,
    facts: [],
    stateOccurrence: Number.NEGATIVE_INFINITY,
    stateRank: -1,
    startOccurrence: Number.NEGATIVE_INFINITY,
    untimed: null,
    waitTold: false,
    attemptHistory: [],
    endHeardAt: 0,
    payloadStored: false,
  };
}

/** A copy that a caller may keep: the live record goes on changing. */
export function summarise(task: TaskSummary): TaskSummary {
  return {
    source: task.source,
    engine: task.engine,
    id: task.id,
    name: task.name,
    queue: task.queue,
    state: task.state,
    worker: task.worker,
    sentAt: task.sentAt,
    eta: task.eta,
    startedAt: task.startedAt,
    finishedAt: task.finishedAt,
    runtimeMs: task.runtimeMs,
    attempts: task.attempts,
    error: task.error,
  };
}
