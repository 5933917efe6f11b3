import type { Clock } from '../../core/clock.js';
import type { EngineListener } from '../../core/queue-engine.js';
import type { Redactor } from '../../core/redaction.js';
import type { Source, SourceStatus } from '../../core/source.js';
import type { EngineEvent } from '../../core/task-event.js';
import type { WorkerStatus } from '../../core/worker.js';
import { type CeleryPosition, positionOf, restore } from './celery-position.js';
import type { CeleryWorker } from './celery-worker.js';
import { EventDecoder } from './event-decoder.js';
import type { KnownQueues } from './known-queues.js';
import type { KnownResults } from './known-results.js';
import { OutcomeSettler } from './outcome-settler.js';
import type { Pidbox } from './pidbox.js';
import type { Refused } from './refusal.js';
import type { RevokedIds } from './revoked-ids.js';
import { workerFrom } from './snapshot.js';
import type { TaskNotes } from './task-notes.js';
import type { CeleryTransport, QueueDepth, TransportListener } from './transport/celery-transport.js';
import { TruthKeeper } from './truth-keeper.js';
import type { WorkerBook } from './worker-book.js';
import { WorkerPoll } from './worker-poll.js';
import { WorkerWatch } from './worker-watch.js';

export interface CeleryWatcherParts {
  readonly source: Source;
  readonly clock: Clock;
  readonly redact: Redactor;
  /** Workers and broker may be asked. */
  readonly control: boolean;
  readonly transport: CeleryTransport;
  readonly pidbox: Pidbox;
  readonly workers: WorkerBook;
  readonly notes: TaskNotes;
  readonly queues: KnownQueues;
  readonly revoked: RevokedIds;
  readonly results: KnownResults;
}

const TICK_MS = 250;
/** Workers are asked this often although nobody asks us. */
const POLL_EVERY_MS = 5_000;
const POLL_NEW_EVERY_MS = 500;
const POLL_DEADLINE_MS = 4_000;

/** Everything that happens without being asked for: events, the lives of workers, losses, and a round of questions every five seconds. */
export class CeleryWatcher implements TransportListener {
  readonly #parts: CeleryWatcherParts;
  readonly #decoder: EventDecoder;
  readonly #poll: WorkerPoll;
  readonly #watch: WorkerWatch;
  readonly #truth: TruthKeeper;
  readonly #settler: OutcomeSettler;
  #listener: EngineListener | null = null;
  #batch: EngineEvent[] = [];
  #stamped = false;
  #stopped = false;
  #ticker: NodeJS.Timeout | null = null;
  #polledAt = Number.NEGATIVE_INFINITY;
  /** Where an earlier run ended, until we hear again. */
  #resumed: CeleryPosition | null = null;
  /** Epoch milliseconds of what was heard last. */
  #heardAt: number | null = null;

  constructor(parts: CeleryWatcherParts) {
    this.#parts = parts;
    const { source, clock, redact, control, pidbox, workers, notes, queues, revoked } = parts;
    this.#decoder = new EventDecoder({ workers, notes, redact, queues, listener: { workerTold: this.#workerTold } });
    this.#poll = new WorkerPoll({ pidbox, workers, clock, revoked, notes });
    this.#watch = new WorkerWatch({
      source,
      workers,
      notes,
      control,
      provedGone: (silent, alive, signal) => parts.transport.provedGone(silent, alive, signal),
    });
    this.#truth = new TruthKeeper(workers);
    this.#settler = new OutcomeSettler({
      workers,
      notes,
      stored: (id, signal) => parts.results.find(id, signal),
    });
  }

  start(listener: EngineListener): void {
    this.#listener = listener;
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#ticker !== null) clearInterval(this.#ticker);
    this.#ticker = null;
  }

  /** How far everything told reaches. What has been decoded is told first. */
  position(): CeleryPosition | null {
    this.eventsRead();
    if (this.#resumed !== null) return this.#resumed;
    if (this.#heardAt === null) return null;
    const { transport, workers, notes, clock } = this.#parts;
    const connected = transport.status().connection === 'connected';
    const { from, missed } = this.#truth.unsettled ?? { from: connected ? clock.now() : this.#heardAt, missed: 0 };
    return positionOf(workers, notes, { soundUntil: from, missed });
  }

  /** Goes on from where an earlier run ended: what became of the time since is told once workers have been heard. */
  resume(position: CeleryPosition): void {
    const { workers, notes, clock } = this.#parts;
    this.#resumed = position;
    restore(position, workers, notes, clock.monotonic(), clock.now());
  }

  /** One round of questions to the workers, shared by all who want one at the same time. */
  async round(signal: AbortSignal): Promise<void> {
    const { control, workers, queues, results } = this.#parts;
    if (!control) return;
    await this.#poll.round(signal);
    for (const { replies } of workers.all()) {
      for (const { name } of replies.queues?.value ?? []) queues.add(name);
      results.learn(replies.results);
    }
  }

  /** The next round asks everything of everybody. */
  forgetRounds(): void {
    this.#poll.forgetRounds();
  }

  /** How the workers stand, now that it is known what waits for them. */
  statusesWith(
    depths: readonly QueueDepth[],
  ): readonly { readonly worker: CeleryWorker; readonly status: WorkerStatus }[] {
    const now = this.#parts.clock.monotonic();
    this.#watch.backlog(depths, now);
    return this.#watch.statuses(now);
  }

  event(json: string | Refused): void {
    if (!this.#stamped) {
      this.#stamped = true;
      this.#heardAt = this.#parts.clock.now();
      this.#decoder.at(this.#parts.clock.monotonic(), this.#heardAt);
    }
    if (typeof json === 'string') this.#decoder.decode(json, this.#batch);
    else this.#decoder.refuse(json.refused, this.#batch);
  }

  eventsRead(): void {
    this.#stamped = false;
    if (this.#batch.length === 0) return;
    const batch = this.#batch;
    this.#batch = [];
    this.#listener?.events(batch);
  }

  /** We have sent a task: nobody else will tell. */
  sent(events: readonly EngineEvent[]): void {
    this.#batch.push(...events);
    this.eventsRead();
  }

  answer(ticket: string, json: string | Refused): void {
    this.#parts.pidbox.answer(ticket, json);
  }

  listening(from: number | null): void {
    const now = this.#parts.clock.monotonic();
    const [resumed, since] = [this.#resumed, from ?? this.#resumed?.soundUntil ?? null];
    this.#resumed = null;
    this.#heardAt ??= this.#parts.clock.now();
    if (since !== null) {
      const outage = { from: since, reason: resumed === null ? ('disconnected' as const) : ('down' as const) };
      this.#truth.listeningAgain({ ...outage, missed: resumed?.missed ?? 0 }, now, this.#parts.clock.now());
      // Nobody could be heard: their silence proves nothing yet.
      this.#watch.forgive(now, this.#parts.clock.now());
    }
    this.#poll.forgetRounds();
    if (this.#parts.control) void this.#background(() => this.#parts.pidbox.tell('heartbeat', null, this.#deadline()));
  }

  statusChanged(status: SourceStatus): void {
    this.#listener?.status(status);
  }

  readonly #workerTold = (
    kind: 'worker-online' | 'worker-heartbeat' | 'worker-offline',
    worker: CeleryWorker,
  ): void => {
    const status = this.#parts.workers.status(worker, this.#parts.clock.monotonic());
    this.#watch.told(worker, status);
    this.#batch.push({ kind, at: worker.seenAtEpoch, worker: workerFrom(worker, status, this.#parts.source) });
    // Every moment before its events are switched on, a worker that sends none is running tasks that nobody hears of.
    if (worker.events === null) setImmediate(() => this.#pollSoon());
  };

  #tick(): void {
    if (this.#parts.transport.status().connection !== 'connected') return;
    const now = this.#parts.clock.monotonic();
    const epoch = this.#parts.clock.now();
    this.#watch.look(now, epoch, this.#batch);
    this.#truth.look(now, epoch, this.#batch);
    this.eventsRead();
    const every = this.#poll.awaitsEvents ? POLL_NEW_EVERY_MS : POLL_EVERY_MS;
    if (now - this.#polledAt > every) this.#pollSoon();
  }

  #pollSoon(): void {
    if (!this.#parts.control || this.#stopped) return;
    this.#polledAt = this.#parts.clock.monotonic();
    void this.#background(async () => {
      await this.round(this.#deadline());
      const depths = await this.#parts.transport.depths(this.#parts.queues.all(), this.#deadline());
      this.#watch.backlog(depths, this.#parts.clock.monotonic());
      await this.#watch.askBroker(this.#parts.clock.monotonic(), this.#deadline());
      await this.#settler.round(this.#parts.clock.now(), this.#deadline(), (events) => {
        this.#batch.push(...events);
        this.eventsRead();
      });
    });
  }

  /** What runs by itself has nobody to fail to: a broker that is away is told by the status, and the next round comes. */
  async #background(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch {
      // see above
    }
  }

  #deadline(): AbortSignal {
    return AbortSignal.timeout(POLL_DEADLINE_MS);
  }
}
