import type { Clock } from '../core/clock.js';
import type { Source } from '../core/source.js';
import type { AttemptOutcome } from '../core/task.js';
import { durationQuantiles } from './duration-window.js';
import type { RateWindow } from './rate-window.js';
import { QUANTILES } from './task-gauges.js';
import type { LastFailure, TaskRecord } from './task-record.js';
import type { TaskRecorder } from './task-recorder.js';

/** Per second, over the last minutes. */
export interface Rates {
  readonly last1m: number;
  readonly last5m: number;
  readonly last15m: number;
}

/** Seconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** What the counters know of the tasks of one name in one source, since the service started. */
export interface TaskStatistic {
  readonly source: Source;
  readonly name: string;
  readonly counts: Readonly<Record<AttemptOutcome, number>>;
  readonly finished: number;
  /** Failures in the last 60 seconds. */
  readonly failureRate: number;
  readonly finishedPerSecond: Rates;
  readonly failedPerSecond: Rates;
  /** Of the attempts that ended in the last minutes; null where none did. */
  readonly durations: Percentiles | null;
  readonly retries: readonly { readonly reason: string; readonly count: number }[];
  readonly timeouts: number;
  readonly lastFailure: LastFailure | null;
}

export interface TaskTotals {
  readonly counts: Readonly<Record<AttemptOutcome, number>>;
  readonly failureRate: number;
  readonly durations: Percentiles | null;
}

/** Reads the counters for people, as `Scrape` reads them for Prometheus. */
export class TaskStatistics {
  readonly #clock: Clock;
  readonly #recorder: TaskRecorder;

  constructor(clock: Clock, recorder: TaskRecorder) {
    this.#clock = clock;
    this.#recorder = recorder;
  }

  /** By name, then by source. Costs a merge of the name's sketches each: ask for no more than is shown. */
  list(select: {
    readonly source?: string | undefined;
    readonly name?: string | undefined;
    readonly after?: { readonly name: string; readonly source: string } | undefined;
    readonly limit: number;
  }): {
    readonly items: readonly TaskStatistic[];
    readonly total: number;
    readonly more: boolean;
  } {
    const now = this.#clock.monotonic();
    const all = this.#select(select.source)
      .filter(([, record]) => select.name === undefined || nameMatches(record.name, select.name))
      .sort(([sourceA, a], [sourceB, b]) => order(a.name, b.name) || order(sourceA.name, sourceB.name));
    const { after } = select;
    const rest =
      after === undefined
        ? all
        : all.filter(([source, { name }]) => (order(name, after.name) || order(source.name, after.source)) > 0);
    const items = rest.slice(0, select.limit).map(([source, record]) => statisticOf(source, record, now));
    return { items, total: all.length, more: items.length < rest.length };
  }

  totals(source?: string): TaskTotals {
    const now = this.#clock.monotonic();
    const records = this.#select(source).map(([, record]) => record);
    const counts = { success: 0, failure: 0, retry: 0, revoked: 0, rejected: 0 };
    for (const record of records) {
      counts.success += record.counts.success;
      counts.failure += record.counts.failure;
      counts.retry += record.counts.retry;
      counts.revoked += record.counts.revoked;
      counts.rejected += record.counts.rejected;
    }
    return {
      counts,
      failureRate: records.reduce((sum, { failures }) => sum + failures.count(now), 0),
      durations: percentilesOf(records, now),
    };
  }

  #select(source: string | undefined): (readonly [Source, TaskRecord])[] {
    return [...this.#recorder.records()].filter(([of]) => source === undefined || of.name === source);
  }
}

function statisticOf(source: Source, record: TaskRecord, now: number): TaskStatistic {
  return {
    source,
    name: record.name,
    counts: { ...record.counts },
    finished: record.finishedCount,
    failureRate: record.failures.count(now),
    finishedPerSecond: ratesOf(record.finishedRate, now),
    failedPerSecond: ratesOf(record.failedRate, now),
    durations: percentilesOf([record], now),
    retries: record.retriesByReason(),
    timeouts: record.timeouts,
    lastFailure: record.lastFailure,
  };
}

function ratesOf(window: RateWindow, now: number): Rates {
  return {
    last1m: window.perSecond(now, 1),
    last5m: window.perSecond(now, 5),
    last15m: window.perSecond(now, 15),
  };
}

function percentilesOf(records: readonly TaskRecord[], now: number): Percentiles | null {
  const windows = records.map(({ durations }) => durations);
  const [p50, p95, p99] = durationQuantiles(windows, now, QUANTILES) ?? [];
  return p50 === undefined || p95 === undefined || p99 === undefined ? null : { p50, p95, p99 };
}

function nameMatches(name: string, wanted: string): boolean {
  return wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted;
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
