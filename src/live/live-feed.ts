import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock.js';
import { isoNow } from '../http/iso-time.js';
import { SourceStateDto } from '../http/source-state.dto.js';
import { TaskSummaryDto } from '../http/task-summary.dto.js';
import type { QueueInspector } from '../queue-inspector/queue-inspector.js';
import type { SourceView } from '../queue-inspector/source-view.js';
import { ChangedTasks } from './changed-tasks.js';
import { LIVE_KINDS, type LiveKind, LiveTickDto } from './live-tick.dto.js';

export interface LiveOptions {
  readonly tickMs: number;
  /** Without a change, a tick that tells how old the data is comes this often. */
  readonly ageMs: number;
}

/** Somebody who wants the text of every tick. Must not throw. */
export interface TickReader {
  tick(text: string): void;
  /** Nothing has changed: a sign of life is due. */
  still(): void;
}

/** Ticks that a reader who comes back may have missed: with a tick a second, two minutes of sleep. */
const KEPT_TICKS = 120;
const KEPT_CHARACTERS = 4 * 1024 * 1024;

interface KeptTick {
  readonly number: number;
  readonly text: string;
}

/**
 * One look and one text per tick, however many read. Runs only while somebody reads; the brokers are asked through the inspector, which
 * shares its polls with everybody else.
 */
export class LiveFeed {
  /** Ids of another run mean nothing to this one. */
  readonly #run = randomBytes(4).toString('hex');
  readonly #readers = new Set<TickReader>();
  readonly #tasks = new ChangedTasks();
  #kept: KeptTick[] = [];
  #keptCharacters = 0;
  #number = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  #seen: Readonly<Record<Exclude<LiveKind, 'tasks'>, string>> = { workers: '', queues: '', schedules: '', sources: '' };
  #stop: (() => void) | null = null;

  constructor(
    private readonly inspector: QueueInspector,
    private readonly clock: Clock,
    private readonly options: LiveOptions,
  ) {}

  get readers(): number {
    return this.#readers.size;
  }

  /**
   * Adds a reader, who first gets what he has missed since `lastId`, or else a tick that says to ask for everything. Returns the function
   * that ends it.
   */
  read(reader: TickReader, lastId: string | null): () => void {
    const missed = this.#missedSince(lastId);
    if (missed === null)
      reader.tick(textOf(this.#tick({ reset: true, changed: LIVE_KINDS, views: this.inspector.views() })));
    else for (const text of missed) reader.tick(text);
    this.#readers.add(reader);
    this.#stop ??= this.#begin();
    return () => {
      this.#readers.delete(reader);
      if (this.#readers.size > 0) return;
      this.#stop?.();
      this.#stop = null;
    };
  }

  /** Listens and ticks until the returned function is called. */
  #begin(): () => void {
    // Nobody has listened meanwhile, so what is kept has a hole after it.
    this.#kept = [];
    this.#keptCharacters = 0;
    this.#tasks.take();
    const silence = this.inspector.listen({
      transitions: (_, batch) => this.#tasks.hear(batch),
      notice: () => undefined,
    });
    let timer: NodeJS.Timeout | null = null;
    let over = false;
    const again = (): void => {
      if (!over) timer = setTimeout(() => void this.#beat().finally(again), this.options.tickMs);
    };
    again();
    return () => {
      over = true;
      if (timer !== null) clearTimeout(timer);
      silence();
    };
  }

  async #beat(): Promise<void> {
    const views = await this.inspector.look();
    const changed = this.#changes(views);
    const due = this.clock.monotonic() - this.#toldAt >= this.options.ageMs;
    if (changed.length === 0 && !due) {
      for (const reader of this.#readers) reader.still();
      return;
    }
    this.#number += 1;
    const text = textOf(this.#tick({ reset: false, changed, views }));
    this.#toldAt = this.clock.monotonic();
    this.#keep({ number: this.#number, text });
    for (const reader of this.#readers) reader.tick(text);
  }

  #tick(of: {
    readonly reset: boolean;
    readonly changed: readonly LiveKind[];
    readonly views: readonly SourceView[];
  }): LiveTickDto {
    // What a reader who has just come asks for himself is not told to him; the others still wait for it.
    const { tasks, leftOut, counts } = of.reset ? NO_CHANGES : this.#tasks.take();
    return new LiveTickDto({
      id: `${this.#run}-${this.#number}`,
      at: isoNow(this.clock),
      reset: of.reset,
      changed: of.changed,
      tasks: tasks.map((task) => new TaskSummaryDto(task)),
      tasks_left_out: leftOut,
      counts,
      sources: of.views.map((view) => new SourceStateDto(view)),
    });
  }

  /** Compares with the tick before: O(workers + queues + schedules), once for all readers. */
  #changes(views: readonly SourceView[]): readonly LiveKind[] {
    const now = {
      workers: JSON.stringify(views.map((view) => this.inspector.workersOf(view).map(stable))),
      queues: JSON.stringify(views.map((view) => view.snapshot?.queues.map(({ schedules: _, ...rest }) => rest))),
      schedules: JSON.stringify(
        views.map(({ snapshot }) => [
          snapshot?.queues.flatMap(({ schedules }) => schedules ?? []),
          snapshot?.configuredSchedules,
        ]),
      ),
      // Brokers tell of themselves every ten seconds at most.
      sources: JSON.stringify(
        views.map(({ source, status, problem, broker }) => [source.name, status.connection, problem, broker?.at]),
      ),
    };
    const before = this.#seen;
    this.#seen = now;
    return LIVE_KINDS.filter((kind) => (kind === 'tasks' ? this.#tasks.size > 0 : now[kind] !== before[kind]));
  }

  #keep(tick: KeptTick): void {
    this.#kept.push(tick);
    this.#keptCharacters += tick.text.length;
    while (this.#kept.length > KEPT_TICKS || this.#keptCharacters > KEPT_CHARACTERS) {
      this.#keptCharacters -= this.#kept.shift()?.text.length ?? 0;
    }
  }

  /** null where that cannot be told any more. */
  #missedSince(lastId: string | null): readonly string[] | null {
    const [run, digits = ''] = lastId?.split('-') ?? [];
    if (run !== this.#run || !/^\d{1,15}$/.test(digits) || this.#stop === null) return null;
    const last = Number(digits);
    const first = this.#kept[0]?.number ?? this.#number + 1;
    if (last > this.#number || last + 1 < first) return null;
    return this.#kept.filter(({ number }) => number > last).map(({ text }) => text);
  }
}

const NO_CHANGES = new ChangedTasks().take();

function textOf(tick: LiveTickDto): string {
  return `id: ${tick.id}\nevent: tick\ndata: ${JSON.stringify(tick)}\n\n`;
}

/** A worker without what changes by the mere passing of time. */
function stable<T extends { readonly lastSeenAt: number; readonly resources: unknown }>(worker: T): object {
  const { lastSeenAt: _, resources: __, ...rest } = worker;
  return rest;
}
