import { AgedMap } from './aged-map.js';
import { applyEvent } from './apply-event.js';
import type { StoredTask } from './history-store.js';
import { LIVE_TASK_BYTES, type LiveTask, newLiveTask } from './live-task.js';
import { restoredTask } from './restored-task.js';
import type { EngineKind } from './source.js';
import { isReady } from './task.js';
import type { TaskEvent } from './task-event.js';
import type { Transition } from './transition.js';

export interface LiveStateLimits {
  /** Tasks kept, over all sources. */
  readonly maxTasks: number;
  /** Estimated bytes kept, over all sources. */
  readonly maxBytes: number;
  /** Where a history keeps them, too: beyond so many tasks, those whose end was heard of so long ago go. Left out: they stay as long as there is room. */
  readonly settled?: { readonly tasks: number; readonly afterMs: number; readonly monotonic: () => number };
}

interface SourceTasks {
  readonly engine: EngineKind;
  readonly unfinished: AgedMap<string, LiveTask>;
  /** In the order in which they finished: the oldest is the first to be forgotten. */
  readonly finished: AgedMap<string, LiveTask>;
}

/**
 * The tasks memory holds, bounded by number and by bytes. When either bound is met the longest finished go first, and unfinished ones only
 * when nothing else is left. Keyed per source, so that no event pays for building a joint key.
 */
export class LiveState {
  readonly #limits: LiveStateLimits;
  readonly #sources = new Map<string, SourceTasks>();
  #tasks = 0;
  #bytes = 0;
  #forgottenUnfinished = 0;

  constructor(limits: LiveStateLimits) {
    this.#limits = Object.freeze({ ...limits });
  }

  get size(): number {
    return this.#tasks;
  }

  /** An estimate: a fixed cost per task, and the strings and results it carries. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Tasks that had to be dropped before they were over: their later events start a new record. */
  get forgottenUnfinished(): number {
    return this.#forgottenUnfinished;
  }

  apply(source: string, engine: EngineKind, event: TaskEvent, out: Transition[]): void {
    const tasks = this.#of(source, engine);
    let task = tasks.unfinished.get(event.id);
    let wasReady = false;
    if (task === undefined) {
      task = tasks.finished.get(event.id);
      wasReady = task !== undefined;
    }
    if (task === undefined) {
      task = newLiveTask(source, engine, event.id);
      tasks.unfinished.set(event.id, task);
      this.#tasks += 1;
      this.#bytes += sizeOf(task);
    }

    const before = weight(task);
    applyEvent(task, event, out);
    this.#bytes += weight(task) - before;

    const ready = isReady(task.state);
    const { maxTasks, maxBytes, settled } = this.#limits;
    if (ready !== wasReady) {
      if (settled !== undefined) task.endHeardAt = seconds(settled.monotonic());
      (wasReady ? tasks.finished : tasks.unfinished).delete(task.id);
      (ready ? tasks.finished : tasks.unfinished).set(task.id, task);
    }
    if (this.#tasks > maxTasks || this.#bytes > maxBytes) this.#forget(tasks);
    else if (settled !== undefined && this.#tasks > settled.tasks)
      this.#forgetSettled(tasks, seconds(settled.monotonic() - settled.afterMs));
  }

  /** Tasks of an earlier run, the longest finished first. What is known already is newer. */
  restore(stored: readonly StoredTask[]): void {
    for (const earlier of stored) {
      if (this.get(earlier.source, earlier.id) !== undefined) continue;
      const task = restoredTask(earlier);
      if (this.#limits.settled !== undefined) task.endHeardAt = seconds(this.#limits.settled.monotonic());
      const tasks = this.#of(task.source, task.engine);
      (isReady(task.state) ? tasks.finished : tasks.unfinished).set(task.id, task);
      this.#tasks += 1;
      this.#bytes += sizeOf(task);
    }
  }

  get(source: string, id: string): LiveTask | undefined {
    const tasks = this.#sources.get(source);
    return tasks?.unfinished.get(id) ?? tasks?.finished.get(id);
  }

  /** Full ids that a bare job id may stand for. O(tasks of the source): for people's questions, not for events. */
  idsEndingWith(source: string, suffix: string, limit: number): readonly string[] {
    const found: string[] = [];
    for (const task of this.all(source)) {
      if (found.length >= limit) break;
      if (task.id.endsWith(suffix)) found.push(task.id);
    }
    return found;
  }

  /** Every task, in no useful order. O(tasks). */
  *all(source?: string): IterableIterator<LiveTask> {
    for (const [name, tasks] of this.#sources) {
      if (source !== undefined && source !== name) continue;
      yield* tasks.unfinished.values();
      yield* tasks.finished.values();
    }
  }

  #of(source: string, engine: EngineKind): SourceTasks {
    const known = this.#sources.get(source);
    if (known !== undefined) return known;
    const made: SourceTasks = { engine, unfinished: new AgedMap(), finished: new AgedMap() };
    this.#sources.set(source, made);
    return made;
  }

  #forget(preferred: SourceTasks): void {
    while (this.#tasks > 1 && (this.#tasks > this.#limits.maxTasks || this.#bytes > this.#limits.maxBytes)) {
      const from = preferred.finished.size > 0 ? preferred.finished : this.#largestFinished();
      if (from === null) this.#forgottenUnfinished += 1;
      this.#drop(from ?? this.#largestUnfinished());
    }
  }

  /** Two at a time: after a burst there are fewer again, and no event pays for it. */
  #forgetSettled({ finished }: SourceTasks, before: number): void {
    for (let dropped = 0; dropped < 2; dropped += 1) {
      const oldest = finished.oldest();
      if (oldest === undefined || oldest.endHeardAt > before) return;
      this.#drop(finished);
    }
  }

  #largestFinished(): AgedMap<string, LiveTask> | null {
    const largest = [...this.#sources.values()].reduce((a, b) => (b.finished.size > a.finished.size ? b : a)).finished;
    return largest.size > 0 ? largest : null;
  }

  #largestUnfinished(): AgedMap<string, LiveTask> {
    return [...this.#sources.values()].reduce((a, b) => (b.unfinished.size > a.unfinished.size ? b : a)).unfinished;
  }

  #drop(from: AgedMap<string, LiveTask>): void {
    const task = from.dropOldest();
    if (task === undefined) return;
    this.#tasks -= 1;
    this.#bytes -= sizeOf(task);
  }
}

/** Whole ones: a number that V8 keeps in place. */
function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}

/** What can change in a task's size; strings at two bytes a character. */
function weight(task: LiveTask): number {
  return (
    (task.result === undefined ? 0 : task.resultBytes * 2) + (task.error === null ? 0 : task.error.message.length * 2)
  );
}

function sizeOf(task: LiveTask): number {
  return LIVE_TASK_BYTES + task.id.length * 2 + weight(task);
}
