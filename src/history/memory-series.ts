import type { SeriesQuery, SeriesRow } from '../core/series.js';
import type { SeriesRecorder } from './series-recorder.js';

/** Where nothing is stored, charts reach back this far, in seconds. */
const KEPT = 3_600;
const MAX_ROWS = 200_000;
const LOOK_MS = 1_000;

/** Rows of ten seconds in memory, for a service without a history. */
export class MemorySeries {
  readonly #recorder: SeriesRecorder;
  #rows: SeriesRow[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(recorder: SeriesRecorder) {
    this.#recorder = recorder;
  }

  start(): void {
    this.#timer = setInterval(() => this.#take(), LOOK_MS);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  async series({ kind, key, source, from, to }: SeriesQuery): Promise<readonly SeriesRow[]> {
    this.#take();
    return this.#rows.filter(
      (row) =>
        row.kind === kind &&
        row.at >= from &&
        row.at < to &&
        (key === null || row.key === key) &&
        (source === null || row.source === source),
    );
  }

  #take(): void {
    const fresh = this.#recorder.take();
    const [first] = fresh;
    if (first === undefined) return;
    const rows = [...this.#rows.filter(({ at }) => at > first.at - KEPT), ...fresh];
    this.#rows = rows.length > MAX_ROWS ? rows.slice(rows.length - MAX_ROWS) : rows;
  }
}
