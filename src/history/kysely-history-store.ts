import type { Transaction } from 'kysely';
import {
  type GapRecord,
  type HistoryBatch,
  type HistoryPage,
  type HistoryRetention,
  type HistorySize,
  type HistoryState,
  HistoryStore,
  type StoredTask,
} from '../core/history-store.js';
import type { TaskQuery } from '../core/task-query.js';
import type { HistoryDatabase } from './database/history-database.js';
import { migrate } from './database/migrations.js';
import type { HistorySchema } from './database/schema.js';
import { gapRowOf, readGaps } from './gap-rows.js';
import { HistorySearch } from './history-search.js';
import { HistoryTotal } from './history-total.js';
import { prune } from './retention.js';
import { readState, writeState } from './state-rows.js';
import { TaskReader } from './task-reader.js';
import { compressed, rowOf, storedId, type TaskRow, wordsOf } from './task-row.js';
import { TaskUpsert } from './task-upsert.js';
import { WordBook } from './word-book.js';

type Transacting = Transaction<HistorySchema>;

/** The history in whatever database it is given. */
export class KyselyHistoryStore extends HistoryStore {
  readonly #database: HistoryDatabase;
  readonly #words = new WordBook();
  readonly #upsert = new TaskUpsert();
  readonly #reader: TaskReader;
  readonly #totals: HistoryTotal;
  readonly #search: HistorySearch;
  /** Raised when the database was made anew: what was known of it before is void. */
  #closed: Promise<void> | null = null;

  /** `now`: the monotonic clock, in milliseconds. */
  constructor(database: HistoryDatabase, now: () => number) {
    super();
    this.#database = database;
    this.#reader = new TaskReader(database.reader, this.#words);
    this.#totals = new HistoryTotal(database.reader, now);
    this.#search = new HistorySearch(database.reader, this.#words, this.#totals, now);
  }

  override async open(): Promise<HistoryState> {
    await this.#database.open();
    return this.#recovering(async () => {
      await this.#migrate();
      const { writer } = this.#database;
      return { ...(await readState(writer)), ...(await readGaps(writer, this.#words)) };
    });
  }

  override close(): Promise<void> {
    this.#closed ??= this.#database.close();
    return this.#closed;
  }

  override async append(batch: HistoryBatch): Promise<void> {
    await this.#recovering(async () => {
      const words = await this.#database.writer.transaction().execute((db) => this.#write(db, batch));
      this.#words.keep(words);
    });
  }

  override latest(limit: number): Promise<readonly StoredTask[]> {
    return this.#recovering(() => this.#reader.latest(limit));
  }

  override search(query: TaskQuery): Promise<HistoryPage> {
    return this.#recovering(() => this.#search.page(query));
  }

  override find(id: string, source: string | null, limit: number): Promise<readonly StoredTask[]> {
    return this.#recovering(() => this.#reader.find(storedId(id), source, limit));
  }

  override async size(): Promise<HistorySize> {
    return { tasks: await this.#totals.tasks(), bytes: await this.#database.bytes() };
  }

  override async prune(keep: HistoryRetention, limit: number): Promise<number> {
    const size = await this.size();
    return this.#recovering(async () => {
      const removed = await prune(this.#database.writer, keep, size, limit);
      if (removed > 0) await this.#database.shrink();
      return removed;
    });
  }

  async #write(db: Transacting, batch: HistoryBatch): Promise<ReadonlyMap<string, number>> {
    const tasks = lastOfEach(batch.tasks);
    const words = await this.#words.learn(db, wordsOfAll(tasks, batch.gaps));
    const large = new Map<string, string>();
    const rows = tasks.map((task): TaskRow => rowOf(task, words, large));
    if (large.size > 0) await this.#keepLarge(db, large);
    await this.#upsert.run(db, rows);
    for (const gap of batch.gaps) {
      await db
        .insertInto('gap')
        .values(gapRowOf(gap, words))
        .onConflict((at) => at.column('number').doNothing())
        .execute();
    }
    await writeState(db, batch);
    return words;
  }

  async #keepLarge(db: Transacting, large: ReadonlyMap<string, string>): Promise<void> {
    const values = await Promise.all(
      Array.from(large, async ([hash, text]) => ({ hash, body: await compressed(text) })),
    );
    await db
      .insertInto('large')
      .values(values)
      .onConflict((at) => at.column('hash').doNothing())
      .execute();
  }

  /** A damaged database is made anew, and what was asked is tried once more on the empty one. */
  async #recovering<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(await this.#database.recover(error))) throw error;
      this.#words.forget();
      await this.#migrate();
      return work();
    }
  }

  async #migrate(): Promise<void> {
    await migrate(this.#database.writer, this.#database.types);
  }
}

/** A task forgotten by memory and heard of again may come twice; the later record is what it has become. */
function lastOfEach(tasks: readonly StoredTask[]): readonly StoredTask[] {
  const byKey = new Map<string, StoredTask>();
  for (const task of tasks) byKey.set(`${task.source}\u0000${task.id}`, task);
  return byKey.size === tasks.length ? tasks : [...byKey.values()];
}

function* wordsOfAll(tasks: readonly StoredTask[], gaps: readonly GapRecord[]): Generator<string> {
  for (const task of tasks) yield* wordsOf(task);
  for (const { source, queue } of gaps) {
    yield source;
    if (queue !== null) yield queue;
  }
}
