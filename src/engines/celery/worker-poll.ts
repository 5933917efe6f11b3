import type { Clock } from '../../core/clock.js';
import { isUp } from '../../core/worker.js';
import { beatEntries } from './beat-entries.js';
import { knowsStamps } from './celery-capabilities.js';
import type { CeleryWorker } from './celery-worker.js';
import {
  type Answer,
  consumedQueues,
  errorIn,
  type ListedTask,
  listedTasks,
  takesJsonOnly,
  workerStats,
} from './control-replies.js';
import { fieldsOf, isTooDeep, textIn } from './json-fields.js';
import { learnResults } from './learned-results.js';
import type { ControlAnswer, Pidbox } from './pidbox.js';
import type { RevokedIds } from './revoked-ids.js';
import type { TaskNotes } from './task-notes.js';
import { UNKNOWN_PID, type WorkerBook } from './worker-book.js';

export interface WorkerPollParts {
  readonly pidbox: Pidbox;
  readonly workers: WorkerBook;
  readonly clock: Clock;
  readonly revoked: RevokedIds;
  readonly notes: TaskNotes;
}

/** Ids in one message to a worker that has just joined. */
const REVOKED_PER_MESSAGE = 1_000;

/** Workers answer in milliseconds; who has not answered by then is busy, and its last answers are shown. */
const ANSWER_MS = 1_000;
/** What changes slowly is asked for less often. */
const SLOW_EVERY_MS = 4_000;
/** Workers that send no heartbeats are found by asking everybody. */
const DISCOVER_EVERY_MS = 30_000;
/** A round just taken serves everybody who asks. */
const FRESH_MS = 300;
const NEW_FOR_MS = 10_000;

/**
 * Asks the workers what they are doing, all questions of a round at the same time. Keeps the last answer to each question, so that a worker
 * that is too busy to answer is shown as it was and delays nobody.
 */
export class WorkerPoll {
  readonly #pidbox: Pidbox;
  readonly #workers: WorkerBook;
  readonly #clock: Clock;
  readonly #revoked: RevokedIds;
  readonly #notes: TaskNotes;
  #roundAt = Number.NEGATIVE_INFINITY;
  #slowAt = Number.NEGATIVE_INFINITY;
  #discoveredAt = Number.NEGATIVE_INFINITY;
  #inFlight: Promise<void> | null = null;

  constructor(parts: WorkerPollParts) {
    this.#pidbox = parts.pidbox;
    this.#workers = parts.workers;
    this.#clock = parts.clock;
    this.#revoked = parts.revoked;
    this.#notes = parts.notes;
  }

  /** The next round asks everything of everybody, as after a reconnect. */
  forgetRounds(): void {
    this.#roundAt = Number.NEGATIVE_INFINITY;
    this.#slowAt = Number.NEGATIVE_INFINITY;
    this.#discoveredAt = Number.NEGATIVE_INFINITY;
  }

  /** A worker that has just come has not heard us yet: it tells of itself before it listens, and until it does nobody hears of its tasks. */
  get awaitsEvents(): boolean {
    const since = this.#clock.now() - NEW_FOR_MS;
    return this.#reachable().some((worker) => worker.events === null && worker.incarnation.since > since);
  }

  /** One round of questions, shared by all who ask for one at the same time. At most six messages, whatever the number of workers. */
  async round(signal: AbortSignal): Promise<void> {
    if (this.#clock.monotonic() - this.#roundAt < FRESH_MS) return;
    this.#inFlight ??= this.#ask(signal).finally(() => {
      this.#inFlight = null;
      this.#roundAt = this.#clock.monotonic();
    });
    await this.#inFlight;
  }

  async #ask(signal: AbortSignal): Promise<void> {
    await this.#discover(signal);
    const asked = this.#reachable();
    if (asked.length === 0) return;
    const strangers = asked.filter((worker) => worker.replies.jsonOnly === null);
    const mute = asked.filter((worker) => worker.events === null);
    if (strangers.length > 0 || mute.length > 0) {
      await Promise.all([
        this.#put('conf', { with_defaults: false }, strangers, signal, keepConf),
        // The answer tells whether its events were on before.
        this.#put('enable_events', {}, mute, signal, keepEvents),
        this.#tellRevoked(strangers, signal),
      ]);
    }

    const now = this.#clock.monotonic();
    const slow = now - this.#slowAt > SLOW_EVERY_MS || strangers.length > 0;
    if (slow) this.#slowAt = now;
    const plain = asked.filter((worker) => worker.replies.jsonOnly === true);
    await Promise.all([
      // Without `safe` a worker that holds arguments it cannot write as JSON would be deaf from then on.
      this.#put('active', { safe: true }, asked, signal, keepActive),
      this.#put('reserved', {}, plain, signal, keepReserved),
      this.#put('scheduled', {}, plain, signal, keepScheduled),
      ...(slow
        ? [this.#put('stats', {}, asked, signal, keepStats), this.#put('active_queues', {}, asked, signal, keepQueues)]
        : []),
    ]);
    for (const worker of asked) if ((worker.replies.active?.at ?? 0) < now) worker.unanswered += 1;
  }

  /** Workers that were not there yet have not heard what was revoked; those started beside others have asked them, so most know already. */
  async #tellRevoked(workers: readonly CeleryWorker[], signal: AbortSignal): Promise<void> {
    const now = this.#clock.monotonic();
    const ids = this.#revoked.all(now).filter((id) => !this.#hasEnded(id));
    if (workers.length === 0) return;
    const names = workers.map((worker) => worker.name);
    const headers = this.#revoked.stamps.all(now);
    const able = workers.filter(({ version }) => knowsStamps(version)).map((worker) => worker.name);
    if (headers !== null && able.length > 0) {
      await this.#pidbox.tell('revoke_by_stamped_headers', able, signal, { headers, terminate: false });
    }
    for (let at = 0; at < ids.length; at += REVOKED_PER_MESSAGE) {
      const some = ids.slice(at, at + REVOKED_PER_MESSAGE);
      await this.#pidbox.tell('revoke', names, signal, { task_id: some, terminate: false });
    }
  }

  #hasEnded(id: string): boolean {
    const kind = this.#notes.get(id)?.latest?.kind;
    const ended = kind === 'task-succeeded' || kind === 'task-failed' || kind === 'task-revoked';
    if (ended) this.#revoked.forget(id);
    return ended;
  }

  async #discover(signal: AbortSignal): Promise<void> {
    const now = this.#clock.monotonic();
    if (now - this.#discoveredAt < DISCOVER_EVERY_MS) return;
    this.#discoveredAt = now;
    await this.#pidbox.ask({
      method: 'ping',
      to: null,
      // With workers known already nobody waits: answers of others count when they come.
      withinMs: this.#reachable().length === 0 ? ANSWER_MS : 0,
      signal,
      heard: ({ worker }) => this.#heard(worker),
    });
  }

  async #put(
    method: string,
    args: Readonly<Record<string, unknown>>,
    workers: readonly CeleryWorker[],
    signal: AbortSignal,
    keep: (worker: CeleryWorker, value: unknown, at: number) => void,
  ): Promise<void> {
    if (workers.length === 0) return;
    const heard = ({ worker: name, value }: ControlAnswer): void => {
      const worker = this.#heard(name);
      if (errorIn(value) === null || method === 'enable_events') keep(worker, value, this.#clock.monotonic());
    };
    const to = workers.map((worker) => worker.name);
    const waitFor = workers.filter((worker) => worker.unanswered === 0).map((worker) => worker.name);
    await this.#pidbox.ask({ method, arguments: args, to, waitFor, withinMs: ANSWER_MS, signal, heard });
  }

  #heard(name: string): CeleryWorker {
    const worker = this.#workers.heard(name, UNKNOWN_PID, 0, this.#clock.monotonic(), this.#clock.now());
    worker.unanswered = 0;
    return worker;
  }

  #reachable(): readonly CeleryWorker[] {
    const now = this.#clock.monotonic();
    return [...this.#workers.all()].filter((worker) => isUp(this.#workers.status(worker, now)));
  }
}

function keepConf(worker: CeleryWorker, value: unknown): void {
  worker.replies.jsonOnly = takesJsonOnly(value);
  worker.replies.results = learnResults(value);
  worker.replies.beat = isTooDeep(value) ? [] : beatEntries(value);
}

/** `task events enabled` was not so before; `… already enabled` was; an error means that it cannot. */
function keepEvents(worker: CeleryWorker, value: unknown): void {
  const said = textIn(fieldsOf(value)?.ok);
  worker.events = said === null ? 'off' : said.includes('already') ? 'on' : 'enabled-by-us';
}

function keepActive(worker: CeleryWorker, value: unknown, at: number): void {
  worker.replies.active = tasksAt(value, at);
}

function keepReserved(worker: CeleryWorker, value: unknown, at: number): void {
  worker.replies.reserved = tasksAt(value, at);
}

function keepScheduled(worker: CeleryWorker, value: unknown, at: number): void {
  worker.replies.scheduled = tasksAt(value, at);
}

function keepQueues(worker: CeleryWorker, value: unknown, at: number): void {
  const queues = consumedQueues(value);
  worker.replies.queues = { at, value: queues };
  worker.onlyQueue = queues.length === 1 ? (queues[0]?.name ?? null) : null;
}

function keepStats(worker: CeleryWorker, value: unknown, at: number): void {
  const stats = workerStats(value);
  if (stats === null) return;
  const earlier = worker.replies.stats;
  if (earlier?.value.usage) worker.earlierUsage = { at: earlier.at, value: earlier.value.usage };
  worker.replies.stats = { at, value: stats };
}

function tasksAt(value: unknown, at: number): Answer<readonly ListedTask[]> {
  return { at, value: listedTasks(value) };
}
