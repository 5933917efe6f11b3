import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type {
  ControlAction,
  HistoryBatch,
  HistoryState,
  HistoryStore,
  LedgerEntry,
  WorkerLife,
} from '../core/history-store.js';
import type { LiveTask } from '../core/live-task.js';
import type { SeriesRow } from '../core/series.js';
import type { Source } from '../core/source.js';
import { NO_PAYLOAD } from '../core/task.js';
import type { Transition } from '../core/transition.js';
import type { IntakeListener, Notice } from '../queue-inspector/intake-listener.js';
import type { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { HistoryTaken } from './database/history-database.js';
import type { RecorderState } from './recorder-state.js';
import type { SeriesRecorder } from './series-recorder.js';
import { storedTask } from './stored-task.js';
import { TaskPayloads } from './task-payloads.js';
import { WorkerLives } from './worker-lives.js';

/** Counters that are stored and continued. */
export interface Ledger {
  changed(): readonly LedgerEntry[];
  stored(entries: readonly LedgerEntry[]): void;
  continue(entries: readonly LedgerEntry[]): void;
}

export interface RecorderOptions {
  readonly store: HistoryStore;
  readonly inspector: QueueInspector;
  readonly ledger: Ledger;
  readonly series: SeriesRecorder;
  readonly clock: Clock;
  /** At most so many tasks of the earlier run are continued. */
  readonly continueTasks: number;
  readonly changed: (state: RecorderState) => void;
  /** Another instance writes to the history now, and goes on from what was stored last. */
  readonly lost: () => void;
  readonly log: { log(message: string): void; warn(message: string): void };
}

/** What changes within this time is written once. */
const FLUSH_MS = 500;
/** With so many waiting there is no pause before the next batch. */
const MANY = 1_500;
/** Beyond this, changes of further tasks are not stored: some 40 MB, and what a slow disk writes in seconds. */
const MAX_PENDING = 40_000;
/** Rows of series that wait: some minutes of a disk that is full. */
const MAX_SERIES = 20_000;
/** Worker lives, and actions of people, that wait. */
const MAX_NOTES = 10_000;
/** Whatever is told again after a restart is about what ended since, or so long before it at most. */
const CONTINUED_MS = 600_000;
const CONTINUED = 2_000;
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 10_000;

/**
 * Writes what becomes known to the history, in batches of which one is on its way at a time. A batch holds the state of tasks, the counters and
 * the read positions of the same moment; whatever the store does, the event path only adds to a set. Where the store is slower than the events,
 * changes of one task become one; where that does not suffice, details are left out and counted. Counters are never left out: the next
 * batch that succeeds has them all.
 */
export class HistoryRecorder implements IntakeListener {
  readonly #o: RecorderOptions;
  #pending = new Set<LiveTask>();
  /** Tasks of the batch that is being written. */
  #onTheWay = 0;
  /** Not stored yet. */
  #series: SeriesRow[] = [];
  #lived: WorkerLife[] = [];
  #actions: ControlAction[] = [];
  readonly #payloads: TaskPayloads;
  readonly #lives: WorkerLives;
  #lastGap = 0;
  #opened = false;
  #stopping = false;
  #timer: NodeJS.Timeout | null = null;
  #working: Promise<void> = Promise.resolve();
  #retryMs = RETRY_MS;
  #shed = 0;
  #stored = 0;
  #batches = 0;
  #failures = 0;
  #problem: string | null = null;
  #storedAt: number | null = null;
  #lastBatchMs: number | null = null;
  #unlisten: () => void = () => undefined;

  constructor(options: RecorderOptions) {
    this.#o = options;
    this.#payloads = new TaskPayloads(options.inspector);
    this.#lives = new WorkerLives(options.inspector, options.clock);
  }

  /**
   * Reads what an earlier run stored and continues from there; resolves before any source is watched. Where the store cannot be reached the
   * service starts all the same: its counters join the stored ones when it can be.
   */
  async start(): Promise<void> {
    this.#unlisten = this.#o.inspector.listen(this);
    await this.#open();
    this.#schedule(FLUSH_MS);
  }

  /** Writes what is left, then ends. To be called when nothing more is told. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#unlisten();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#working;
    // As many as there may be; one that fails has said so.
    for (let failed = false; this.#opened && !failed; ) {
      failed = !(await this.#flush());
      if (this.#pending.size === 0) break;
    }
  }

  state(): RecorderState {
    return {
      pending: this.#pending.size + this.#onTheWay,
      shed: this.#shed,
      stored: this.#stored,
      batches: this.#batches,
      failures: this.#failures,
      problem: this.#problem,
      storedAt: this.#storedAt,
      lastBatchMs: this.#lastBatchMs,
    };
  }

  transitions(source: Source, batch: readonly Transition[]): void {
    this.#o.series.transitions(source, batch);
    for (const { task } of batch) this.#changed(task);
  }

  payloads(_source: Source, tasks: readonly LiveTask[]): void {
    for (const task of tasks) {
      this.#payloads.renew(task);
      this.#changed(task);
    }
  }

  notice(source: Source, notice: Notice): void {
    this.#o.series.notice(source, notice);
    // Gaps are read from the inspector's own log, where they have their numbers; the rest is in the counters.
  }

  /** Somebody has done something. */
  acted(action: ControlAction): void {
    this.#actions.push(action);
    if (this.#actions.length > MAX_NOTES) this.#actions.shift();
  }

  #changed(task: LiveTask): void {
    if (this.#pending.size >= MAX_PENDING && !this.#pending.has(task)) this.#shed += 1;
    else if (this.#pending.add(task).size === 1) this.#o.changed(this.state());
  }

  async #open(): Promise<void> {
    const { store, inspector, ledger, continueTasks } = this.#o;
    try {
      const state = await store.open();
      const tasks = await store.latest({
        limit: continueTasks,
        since: (state.storedAt ?? 0) - CONTINUED_MS,
        atLeast: CONTINUED,
      });
      ledger.continue(state.ledger);
      inspector.continue(state, tasks);
      this.#lives.continue(state.lives);
      this.#lastGap = state.lastGap;
      this.#storedAt = state.storedAt;
      this.#opened = true;
      this.#tellStart(state, tasks.length);
      this.#succeeded();
    } catch (error) {
      this.#failed(error);
    }
  }

  #tellStart({ storedAt }: HistoryState, tasks: number): void {
    if (storedAt === null) return;
    this.#o.log.log(`history continues from ${new Date(storedAt).toISOString()}, with ${tasks} tasks in memory`);
  }

  #schedule(ms: number): void {
    if (this.#stopping) return;
    this.#timer = setTimeout(() => {
      this.#working = this.#round();
    }, ms);
    this.#timer.unref();
  }

  async #round(): Promise<void> {
    if (!this.#opened) await this.#open();
    const good = this.#opened && (await this.#flush());
    if (!good) this.#schedule(this.#retryMs);
    else this.#schedule(this.#pending.size >= MANY ? 0 : FLUSH_MS);
  }

  /** True where everything that was taken is stored. */
  async #flush(): Promise<boolean> {
    const { store, ledger, clock } = this.#o;
    const { batch, taken, idle } = this.#take();
    if (idle) return true;
    const began = clock.monotonic();
    this.#onTheWay = taken.length;
    this.#o.changed(this.state());
    try {
      await store.append(batch);
    } catch (error) {
      this.#onTheWay = 0;
      this.#giveBack(taken);
      this.#failed(error);
      return false;
    }
    this.#onTheWay = 0;
    ledger.stored(batch.ledger);
    this.#series.splice(0, batch.series.length);
    this.#lived.splice(0, batch.lives.length);
    this.#actions.splice(0, batch.actions.length);
    for (const [at, task] of taken.entries()) this.#payloads.stored(task, batch.tasks[at] ?? NO_PAYLOAD);
    this.#lastGap = Math.max(this.#lastGap, ...batch.gaps.map(({ number }) => number));
    this.#storedAt = batch.at;
    this.#stored += batch.tasks.length;
    this.#batches += 1;
    this.#lastBatchMs = clock.monotonic() - began;
    this.#succeeded();
    return true;
  }

  /** Everything of one moment. Synchronous: no event comes in between. */
  #take(): { readonly batch: HistoryBatch; readonly taken: readonly LiveTask[]; readonly idle: boolean } {
    const { inspector, ledger, series, clock } = this.#o;
    // First: an engine tells what it has kept back so that its position holds for all it has read.
    const positions = inspector.positions();
    // All of them: what is stored of a task is never older than the position, beyond which nothing is told again.
    const taken = [...this.#pending];
    this.#pending = new Set();
    this.#series.push(...series.take());
    if (this.#series.length > MAX_SERIES) this.#series.splice(0, this.#series.length - MAX_SERIES);
    this.#lived.push(...this.#lives.take());
    if (this.#lived.length > MAX_NOTES) this.#lived.splice(0, this.#lived.length - MAX_NOTES);
    const batch = {
      at: clock.now(),
      tasks: taken.map((task) => storedTask(task, this.#payloads.of(task))),
      gaps: inspector.gaps(Number.MAX_SAFE_INTEGER).filter(({ number }) => number > this.#lastGap),
      ledger: ledger.changed(),
      positions,
      series: [...this.#series],
      lives: [...this.#lived],
      actions: [...this.#actions],
    };
    const idle =
      taken.length === 0 &&
      batch.gaps.length === 0 &&
      batch.ledger.length === 0 &&
      batch.series.length === 0 &&
      batch.lives.length === 0 &&
      batch.actions.length === 0 &&
      !this.#stopping;
    return { batch, taken, idle };
  }

  #giveBack(taken: readonly LiveTask[]): void {
    for (const task of taken) {
      if (this.#pending.size < MAX_PENDING) this.#pending.add(task);
      else this.#shed += 1;
    }
  }

  /** One line when it begins to fail, and one when it works again; not one for each try. */
  #failed(error: unknown): void {
    this.#failures += 1;
    if (error instanceof HistoryTaken) this.#o.lost();
    const problem = messageOf(error);
    if (this.#problem === null)
      this.#o.log.warn(`history: nothing can be stored (${problem}); everything else goes on`);
    this.#problem = problem;
    this.#retryMs = Math.min(MAX_RETRY_MS, this.#retryMs * 2);
    this.#o.changed(this.state());
  }

  #succeeded(): void {
    if (this.#problem !== null) this.#o.log.log('history: storing again');
    this.#problem = null;
    this.#retryMs = RETRY_MS;
    this.#o.changed(this.state());
  }
}
