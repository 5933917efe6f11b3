import type { Clock } from '../core/clock.js';
import type { SeriesRow } from '../core/series.js';
import { SeriesSum } from '../core/series-sum.js';
import type { Source } from '../core/source.js';
import type { Transition } from '../core/transition.js';
import { isUp } from '../core/worker.js';
import type { IntakeListener, Notice } from '../queue-inspector/intake-listener.js';
import type { QueueInspector } from '../queue-inspector/queue-inspector.js';
import type { SourceView } from '../queue-inspector/source-view.js';

const STEP = 10;
/** Names and queues told apart within ten seconds; what happens to further ones is in their source's row alone. */
const MAX_KEYS = 2_000;
/** A look older than this says nothing about now. */
const FRESH_MS = 30_000;

/** Of one source. */
interface SourceSums {
  readonly all: SeriesSum;
  readonly name: Map<string, SeriesSum>;
  readonly queue: Map<string, SeriesSum>;
}

/** Makes rows of ten seconds of what happens and of what the looks show. On the event path: two look-ups for each transition that counts. */
export class SeriesRecorder implements IntakeListener {
  readonly #inspector: QueueInspector;
  readonly #clock: Clock;
  #sums = new Map<string, SourceSums>();
  #keys = 0;
  #at: number;

  constructor(inspector: QueueInspector, clock: Clock) {
    this.#inspector = inspector;
    this.#clock = clock;
    this.#at = this.#slot();
  }

  transitions(source: Source, batch: readonly Transition[]): void {
    const sums = this.#of(source);
    for (const transition of batch) {
      const { kind, task } = transition;
      if (kind === 'received' || kind === 'progressed' || kind === 'requeued') continue;
      note(sums.all, transition);
      if (task.name !== null) note(this.#sum(sums.name, task.name), transition);
      if (task.queue !== null) note(this.#sum(sums.queue, task.queue), transition);
    }
  }

  notice(source: Source, notice: Notice): void {
    if (notice.kind !== 'reconciled') return;
    const sums = this.#of(source);
    for (const sum of [sums.all, this.#sum(sums.name, notice.name)]) {
      if (sum !== null) sum[notice.outcome] += notice.count;
    }
  }

  /** The rows of the ten seconds that have passed; none while they have not. */
  take(): readonly SeriesRow[] {
    const slot = this.#slot();
    if (slot === this.#at) return [];
    const at = this.#at;
    const rows: SeriesRow[] = [];
    for (const [source, { all, name, queue }] of this.#sums) {
      const base = { step: STEP, source, at } as const;
      rows.push({ ...base, kind: 'all', key: '', figures: all.tasks() });
      for (const [key, sum] of name) rows.push({ ...base, kind: 'name', key, figures: sum.tasks() });
      for (const [key, sum] of queue) rows.push({ ...base, kind: 'queue', key, figures: sum.tasks() });
    }
    this.#sums = new Map();
    this.#keys = 0;
    this.#at = slot;
    for (const view of this.#inspector.views()) rows.push(...this.#levels(view, at));
    return rows;
  }

  *#levels(view: SourceView, at: number): Generator<SeriesRow> {
    const { source, snapshot } = view;
    const fresh = snapshot !== null && this.#clock.now() - snapshot.at < FRESH_MS;
    const workers = fresh ? this.#inspector.workersOf(view).filter(({ status }) => isUp(status)) : [];
    const base = { step: STEP, at, source: source.name } as const;
    yield {
      ...base,
      kind: 'source',
      key: '',
      figures: {
        samples: fresh ? 1 : 0,
        first: workers.length,
        second: sumOf(workers.map(({ busy }) => busy)),
        third: sumOf(workers.map(({ poolSize }) => poolSize)),
        greatest: null,
      },
    };
    if (!fresh) return;
    for (const { name, length, active, delayed, oldestWaitingSeconds } of snapshot.queues.slice(0, MAX_KEYS)) {
      const figures = { samples: 1, first: length, second: active, third: delayed, greatest: oldestWaitingSeconds };
      yield { ...base, kind: 'depth', key: name, figures };
    }
  }

  #of({ name }: Source): SourceSums {
    const known = this.#sums.get(name);
    if (known !== undefined) return known;
    const made = { all: new SeriesSum(), name: new Map<string, SeriesSum>(), queue: new Map<string, SeriesSum>() };
    this.#sums.set(name, made);
    return made;
  }

  #sum(sums: Map<string, SeriesSum>, key: string): SeriesSum | null {
    const known = sums.get(key);
    if (known !== undefined) return known;
    if (this.#keys >= MAX_KEYS) return null;
    this.#keys += 1;
    const made = new SeriesSum();
    sums.set(key, made);
    return made;
  }

  #slot(): number {
    return Math.floor(this.#clock.now() / 1000 / STEP) * STEP;
  }
}

function note(sum: SeriesSum | null, { kind, outcome, ms }: Transition): void {
  if (sum === null) return;
  if (kind === 'finished' && outcome !== null) sum[outcome] += 1;
  else if (kind === 'timed' && ms !== null) sum.run.add(ms);
  else if (kind === 'waited' && ms !== null) sum.wait.add(ms);
  else if (kind === 'sent') sum.sent += 1;
  else if (kind === 'started') sum.started += 1;
}

/** null where none of them is known. */
function sumOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}
