import type { Clock } from '../core/clock.js';
import type { Source } from '../core/source.js';
import type { Transition } from '../core/transition.js';
import type { IntakeListener, Notice } from '../queue-inspector/intake-listener.js';
import type { CounterFamily, CounterSeries } from './counter-family.js';
import type { MetricFamilies } from './metric-families.js';
import { SERVICE_METRICS } from './service-metric-definitions.js';

/** What has been heard from one source. */
export interface Heard {
  readonly byKind: Map<string, CounterSeries>;
  /** By the monotonic clock. */
  at: number;
  /** From when the latest fact happened to when it was heard. */
  lagMs: number | null;
}

/** Counts what the engines tell, and what they say they could not: the service's own books. On the event path, so no allocation there. */
export class EventCounts implements IntakeListener {
  readonly #clock: Clock;
  readonly #events: CounterFamily;
  readonly #rejected: CounterFamily;
  readonly #gaps: CounterFamily;
  readonly #gapMissed: CounterFamily;
  readonly #gapUnbounded: CounterFamily;
  readonly #reconciled: CounterFamily;
  readonly #heard = new Map<string, Heard>();

  constructor(clock: Clock, families: MetricFamilies) {
    this.#clock = clock;
    this.#events = families.counter(SERVICE_METRICS.events);
    this.#rejected = families.counter(SERVICE_METRICS.rejected);
    this.#gaps = families.counter(SERVICE_METRICS.gaps);
    this.#gapMissed = families.counter(SERVICE_METRICS.gapMissed);
    this.#gapUnbounded = families.counter(SERVICE_METRICS.gapUnbounded);
    this.#reconciled = families.counter(SERVICE_METRICS.reconciled);
  }

  transitions(source: Source, batch: readonly Transition[]): void {
    const heard = this.#hear(source);
    for (const { kind, event } of batch) {
      // These are told beside another transition of the same event, or later.
      if (kind === 'timed' || kind === 'waited') continue;
      this.#count(heard, source, event.kind);
    }
    const last = batch[batch.length - 1];
    if (last !== undefined) heard.lagMs = this.#clock.now() - last.event.at;
  }

  notice(source: Source, notice: Notice): void {
    this.#count(this.#hear(source), source, notice.kind);
    switch (notice.kind) {
      case 'rejected':
        this.#rejected.series(source.name, notice.reason).value += 1;
        break;
      case 'gap':
        this.#gaps.series(source.name, notice.reason).value += 1;
        if (notice.missed === null) this.#gapUnbounded.series(source.name).value += 1;
        else this.#gapMissed.series(source.name).value += notice.missed;
        break;
      case 'reconciled':
        this.#reconciled.series(source.name, notice.outcome).value += notice.count;
        break;
      case 'worker-online':
      case 'worker-heartbeat':
      case 'worker-offline':
        break;
      default:
        notice satisfies never;
    }
  }

  heard(source: string): Heard | undefined {
    return this.#heard.get(source);
  }

  #hear(source: Source): Heard {
    const now = this.#clock.monotonic();
    const known = this.#heard.get(source.name);
    if (known !== undefined) {
      known.at = now;
      return known;
    }
    const made: Heard = { byKind: new Map(), at: now, lagMs: null };
    this.#heard.set(source.name, made);
    // Shown at 0 before the first one: an alert on their increase must see it.
    this.#gapMissed.series(source.name);
    this.#gapUnbounded.series(source.name);
    return made;
  }

  #count(heard: Heard, source: Source, kind: string): void {
    let series = heard.byKind.get(kind);
    if (series === undefined) {
      series = this.#events.series(source.name, kind);
      heard.byKind.set(kind, series);
    }
    series.value += 1;
  }
}
