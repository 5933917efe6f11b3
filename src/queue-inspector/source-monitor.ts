import type { BrokerFacts } from '../core/broker-facts.js';
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { PayloadRedaction } from '../core/payload-redaction.js';
import type { EngineSnapshot, QueueEngine } from '../core/queue-engine.js';
import type { Source, SourceStatus } from '../core/source.js';
import type { EventIntake } from './event-intake.js';
import type { SourceView } from './source-view.js';

export interface InspectionLimits {
  /** A snapshot younger than this is served again instead of polling the broker. */
  readonly maxAgeMs: number;
  /** A poll that takes longer has failed. */
  readonly deadlineMs: number;
  /** Tasks per list in a snapshot. */
  readonly listLimit: number;
  /** What is hidden of the tasks in it. */
  readonly redaction?: PayloadRedaction;
}

/** Memory and clients change slowly, and the answer is long. */
const FACTS_EVERY_MS = 10_000;

/** One source: its engine, and at most one inspection at a time however many ask. */
export class SourceMonitor {
  readonly engine: QueueEngine;
  readonly #clock: Clock;
  readonly #limits: InspectionLimits;
  #snapshot: EngineSnapshot | null = null;
  #polledAt = Number.NEGATIVE_INFINITY;
  #pollMs: number | null = null;
  #broker: BrokerFacts | null = null;
  #factsAt = Number.NEGATIVE_INFINITY;
  #problem: string | null = null;
  #inFlight: Promise<void> | null = null;

  constructor(engine: QueueEngine, clock: Clock, limits: InspectionLimits) {
    this.engine = engine;
    this.#clock = clock;
    this.#limits = limits;
  }

  get source(): Source {
    return this.engine.source;
  }

  start(intake: Pick<EventIntake, 'take'>, statusChanged: (source: Source, status: SourceStatus) => void): void {
    this.engine.start({
      events: (batch) => intake.take(this.source, batch),
      status: (status) => statusChanged(this.source, status),
    });
  }

  async stop(): Promise<void> {
    await this.engine.stop();
    await this.#inFlight;
  }

  /** What is known without asking the broker. */
  view(): SourceView {
    return {
      source: this.source,
      status: this.engine.status(),
      capabilities: this.engine.capabilities,
      sendable: this.engine.sendable,
      cost: this.engine.cost(),
      broker: this.#broker,
      snapshot: this.#snapshot,
      problem: this.#problem,
      pollMs: this.#pollMs,
    };
  }

  /**
   * A view no older than `maxAgeMs`, if the broker allows. Never throws because of the broker: a failed poll keeps the last snapshot and
   * says why in `problem`. A source that is known to be away is not asked, so that one dead broker delays nobody.
   */
  async look(): Promise<SourceView> {
    if (this.#clock.monotonic() - this.#polledAt > this.#limits.maxAgeMs) {
      this.#inFlight ??= this.#poll().finally(() => {
        this.#inFlight = null;
      });
      await this.#inFlight;
    }
    return this.view();
  }

  /** Something was changed by us: whoever looks next shall see it. */
  outdated(): void {
    this.#polledAt = Number.NEGATIVE_INFINITY;
  }

  async #poll(): Promise<void> {
    const status = this.engine.status();
    if (status.connection === 'disconnected') {
      this.#problem = status.problem ?? 'not connected';
      return;
    }
    const began = this.#clock.monotonic();
    const facts = began - this.#factsAt >= FACTS_EVERY_MS ? this.#askBroker(began) : null;
    try {
      const snapshot = await this.engine.inspect({
        listLimit: this.#limits.listLimit,
        signal: AbortSignal.timeout(this.#limits.deadlineMs),
      });
      this.#snapshot = this.#safe(snapshot);
      this.#problem = null;
    } catch (error) {
      this.#problem = describe(error);
    }
    this.#polledAt = this.#clock.monotonic();
    this.#pollMs = this.#polledAt - began;
    await facts;
  }

  async #askBroker(now: number): Promise<void> {
    this.#factsAt = now;
    try {
      this.#broker = await this.engine.broker(AbortSignal.timeout(this.#limits.deadlineMs));
    } catch {
      // A broker that does not answer this answers the poll beside it no better, which says why; what it told before is shown with its age.
    }
  }

  #safe(snapshot: EngineSnapshot): EngineSnapshot {
    const { redaction } = this.#limits;
    if (redaction === undefined) return snapshot;
    const { active, reserved, scheduled } = snapshot;
    return {
      ...snapshot,
      active: redaction.page(active),
      reserved: redaction.page(reserved),
      scheduled: redaction.page(scheduled),
    };
  }
}

function describe(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'the broker did not answer in time';
  return messageOf(error);
}
