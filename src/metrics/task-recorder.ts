import type { MetricsSettings } from '../config/metrics-settings.js';
import type { Clock } from '../core/clock.js';
import type { Source } from '../core/source.js';
import type { ReconciledEvent } from '../core/task-event.js';
import type { Transition } from '../core/transition.js';
import type { IntakeListener, Notice } from '../queue-inspector/intake-listener.js';
import type { HistogramSeries } from './histogram-family.js';
import { labelValue, OTHER, UNKNOWN } from './label-value.js';
import type { ResultMetrics } from './result-metrics.js';
import type { TaskFamilies } from './task-families.js';
import { TaskRecord } from './task-record.js';

const MS_PER_SECOND = 1000;

export type RecorderSettings = Pick<MetricsSettings, 'maxSeries' | 'percentileWindowSeconds'>;

interface SourceRecords {
  readonly source: Source;
  readonly byName: Map<string, TaskRecord>;
}

/**
 * Counts what becomes known about tasks. On the event path: per transition one look-up of the name and additions to plain numbers, no
 * allocation. Names have at most `maxSeries` records over all sources; further names share one record per source, called `__other__`.
 */
export class TaskRecorder implements IntakeListener {
  readonly #clock: Clock;
  readonly #families: TaskFamilies;
  readonly #results: ResultMetrics;
  readonly #settings: RecorderSettings;
  readonly #sources = new Map<string, SourceRecords>();
  readonly #backendLatency = new Map<string, HistogramSeries>();
  #records = 0;

  constructor(clock: Clock, families: TaskFamilies, results: ResultMetrics, settings: RecorderSettings) {
    this.#clock = clock;
    this.#families = families;
    this.#results = results;
    this.#settings = settings;
  }

  transitions(source: Source, batch: readonly Transition[]): void {
    const now = this.#clock.monotonic();
    const records = this.#of(source);
    for (const { kind, task, event, outcome, ms } of batch) {
      switch (kind) {
        case 'finished':
          if (outcome !== null) {
            const record = this.#record(records, task.name, now);
            record.finished(outcome, event, now);
            if (outcome === 'success') this.#applyRules(record, source, task.name, event.value);
          }
          break;
        case 'timed':
          if (outcome !== null && ms !== null) this.#record(records, task.name, now).ran(outcome, ms, now);
          break;
        case 'waited':
          if (ms !== null) {
            const record = this.#record(records, task.name, now);
            record.waited(ms);
            if (task.eta !== null && task.startedAt !== null) record.startedAfterEta(task.startedAt - task.eta);
          }
          break;
        case 'started':
          this.#record(records, task.name, now);
          break;
        case 'sent':
          this.#record(records, task.name, now).willWait();
          break;
        case 'received':
        case 'requeued':
        case 'lost':
        case 'progressed':
          break;
        default:
          kind satisfies never;
      }
    }
  }

  notice(source: Source, notice: Notice): void {
    if (notice.kind === 'reconciled') this.#reconcile(source, notice);
  }

  /** The result backend answered. `operation` is one of a few fixed words. */
  backendAnswered(source: string, operation: string, ms: number): void {
    const key = `${operation} ${source}`;
    let series = this.#backendLatency.get(key);
    if (series === undefined) {
      series = this.#families.backendLatency.series(operation, source);
      this.#backendLatency.set(key, series);
    }
    series.observe(ms / MS_PER_SECOND);
  }

  *records(): IterableIterator<readonly [Source, TaskRecord]> {
    for (const { source, byName } of this.#sources.values()) {
      for (const record of byName.values()) yield [source, record];
    }
  }

  #reconcile(source: Source, { name, outcome, count, timedOut, reason }: ReconciledEvent): void {
    const now = this.#clock.monotonic();
    const record = this.#record(this.#of(source), name, now);
    record.count(outcome, count, now);
    if (timedOut > 0) record.timedOut(timedOut);
    if (outcome === 'retry') record.retried(reason, count);
    else if (outcome === 'failure') record.failedFor(reason, count);
  }

  #applyRules(record: TaskRecord, source: Source, name: string | null, result: unknown): void {
    if (typeof result !== 'object' || result === null) return;
    // The names that share a record may have different rules.
    const rules = record.name === OTHER ? this.#results.rulesFor(name ?? UNKNOWN) : record.rules;
    for (const rule of rules) rule.apply(source.name, result);
  }

  #of(source: Source): SourceRecords {
    const known = this.#sources.get(source.name);
    if (known !== undefined) return known;
    const made: SourceRecords = { source, byName: new Map() };
    this.#sources.set(source.name, made);
    return made;
  }

  #record(records: SourceRecords, told: string | null, now: number): TaskRecord {
    return records.byName.get(told ?? UNKNOWN) ?? this.#newRecord(records, told ?? UNKNOWN, now);
  }

  /** Kept under the label value, so that a long or dirty name costs its cleaning every time instead of memory. */
  #newRecord({ source, byName }: SourceRecords, told: string, now: number): TaskRecord {
    const clean = labelValue(told);
    const name = this.#records < this.#settings.maxSeries || byName.has(clean) ? clean : OTHER;
    const known = byName.get(name);
    if (known !== undefined) return known;
    const made = new TaskRecord(
      this.#families,
      source,
      name,
      this.#results.rulesFor(told),
      now,
      this.#settings.percentileWindowSeconds * MS_PER_SECOND,
    );
    byName.set(name, made);
    this.#records += 1;
    return made;
  }
}
