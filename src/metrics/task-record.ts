import type { Source } from '../core/source.js';
import { ATTEMPT_OUTCOMES, type AttemptOutcome } from '../core/task.js';
import type { TaskEvent } from '../core/task-event.js';
import type { CounterFamily, CounterSeries } from './counter-family.js';
import { DurationWindow } from './duration-window.js';
import { FailureWindow } from './failure-window.js';
import type { HistogramSeries } from './histogram-family.js';
import { errorClass, OTHER } from './label-value.js';
import { RateWindow } from './rate-window.js';
import type { CompiledRule } from './result-rule.js';
import type { TaskFamilies } from './task-families.js';

const MS_PER_SECOND = 1000;
/** Exception classes told apart for one name. */
const MAX_REASONS = 50;
const MAX_MESSAGE = 500;

export interface LastFailure {
  /** null where the engine does not tell. */
  readonly type: string | null;
  readonly message: string | null;
  /** Epoch milliseconds, by the clock of whoever saw it. */
  readonly at: number;
}

interface Reasoned {
  readonly reason: string;
  count: number;
  readonly series: CounterSeries;
}

/**
 * What is counted of the tasks of one name in one source. Series are looked up once and kept; a name beyond the cap still has counts of
 * its own here, while its series may be those of `__other__`.
 */
export class TaskRecord {
  readonly name: string;
  readonly rules: readonly CompiledRule[];
  readonly counts: Record<AttemptOutcome, number> = { success: 0, failure: 0, retry: 0, revoked: 0, rejected: 0 };
  readonly failures = new FailureWindow();
  readonly finishedRate: RateWindow;
  readonly failedRate: RateWindow;
  readonly durations: DurationWindow;
  timeouts = 0;
  lastFailure: LastFailure | null = null;
  readonly #families: TaskFamilies;
  readonly #source: Source;
  readonly #total = new Map<AttemptOutcome, CounterSeries>();
  readonly #duration = new Map<AttemptOutcome, HistogramSeries>();
  readonly #retries = new Map<string | null, Reasoned>();
  readonly #failed = new Map<string | null, Reasoned>();
  readonly #timeouts: CounterSeries;
  #wait: HistogramSeries | null = null;
  #etaDelta: HistogramSeries | null = null;

  constructor(
    families: TaskFamilies,
    source: Source,
    name: string,
    rules: readonly CompiledRule[],
    now: number,
    percentileWindowMs: number,
  ) {
    this.name = name;
    this.rules = rules;
    this.#families = families;
    this.#source = source;
    this.finishedRate = new RateWindow(now);
    this.failedRate = new RateWindow(now);
    this.durations = new DurationWindow(percentileWindowMs);
    // Shown at 0 before the first one, because Prometheus cannot see the increase of a series that begins at 1.
    for (const outcome of ['success', 'failure'] as const) {
      this.#totalOf(outcome);
      this.#durationOf(outcome);
    }
    this.#timeouts = families.timeouts.series(name, source.name);
  }

  finished(outcome: AttemptOutcome, event: TaskEvent, now: number): void {
    this.count(outcome, 1, now);
    if (event.timedOut) this.timedOut(1);
    if (outcome === 'retry') this.retried(event.error?.type ?? null, 1);
    else if (outcome === 'failure') {
      const message = event.error === null ? null : event.error.message.slice(0, MAX_MESSAGE);
      const type = event.error?.type ?? null;
      this.lastFailure = { type, message, at: event.at };
      this.failedFor(type, 1);
    }
  }

  /** `count` attempts ended like this; their reasons and times are told apart from it. */
  count(outcome: AttemptOutcome, count: number, now: number): void {
    this.counts[outcome] += count;
    this.#totalOf(outcome).value += count;
    this.finishedRate.add(now, count);
    if (outcome === 'failure') {
      this.failures.add(now, count);
      this.failedRate.add(now, count);
    }
  }

  timedOut(count: number): void {
    this.timeouts += count;
    this.#timeouts.value += count;
  }

  retried(type: string | null, count: number): void {
    countReason(this.#retries.get(type) ?? this.#newReason(this.#retries, this.#families.retries, type), count);
  }

  failedFor(type: string | null, count: number): void {
    countReason(this.#failed.get(type) ?? this.#newReason(this.#failed, this.#families.failures, type), count);
  }

  ran(outcome: AttemptOutcome, ms: number, now: number): void {
    // Some clock went back: there is no such run time.
    if (!(ms >= 0)) return;
    this.durations.add(now, ms);
    if (outcome === 'rejected') return;
    this.#durationOf(outcome).observe(ms / MS_PER_SECOND);
  }

  /** It is known when such tasks are sent, so their wait will be known too: shown at 0 until the first one starts. */
  willWait(): void {
    this.#wait ??= this.#families.wait.series(this.name, this.#source.name);
  }

  waited(ms: number): void {
    this.#wait ??= this.#families.wait.series(this.name, this.#source.name);
    this.#wait.observe(ms / MS_PER_SECOND);
  }

  startedAfterEta(ms: number): void {
    this.#etaDelta ??= this.#families.etaDelta.series(this.name, this.#source.name);
    this.#etaDelta.observe(ms / MS_PER_SECOND);
  }

  /** Retries by exception class, the most frequent first. */
  retriesByReason(): readonly { readonly reason: string; readonly count: number }[] {
    const byReason = new Map<string, number>();
    for (const { reason, count } of this.#retries.values()) byReason.set(reason, (byReason.get(reason) ?? 0) + count);
    return Array.from(byReason, ([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count);
  }

  get finishedCount(): number {
    return ATTEMPT_OUTCOMES.reduce((sum, outcome) => sum + this.counts[outcome], 0);
  }

  #totalOf(outcome: AttemptOutcome): CounterSeries {
    const known = this.#total.get(outcome);
    if (known !== undefined) return known;
    const { total, rejected } = this.#families;
    const made =
      outcome === 'rejected'
        ? rejected.series(this.name, this.#source.name)
        : total.series(this.name, outcome, this.#source.name);
    this.#total.set(outcome, made);
    // Of an earlier run; what is shared by several names is nobody's own.
    if (!made.identity.folded) this.counts[outcome] += made.value;
    return made;
  }

  #durationOf(outcome: AttemptOutcome): HistogramSeries {
    const known = this.#duration.get(outcome);
    if (known !== undefined) return known;
    const made = this.#families.duration.series(this.name, outcome, this.#source.name);
    this.#duration.set(outcome, made);
    return made;
  }

  #newReason(known: Map<string | null, Reasoned>, family: CounterFamily, type: string | null): Reasoned {
    const full = known.size >= MAX_REASONS;
    const key = full ? OTHER : type;
    const found = known.get(key);
    if (found !== undefined) return found;
    const reason = full ? OTHER : errorClass(type);
    const made = { reason, count: 0, series: family.series(this.name, reason, this.#source.name) };
    known.set(key, made);
    return made;
  }
}

function countReason(reasoned: Reasoned, count: number): void {
  reasoned.count += count;
  reasoned.series.value += count;
}
