import { randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Clock } from '../core/clock.js';
import type { Deployment, DeploymentPage, DeploymentQuery } from '../core/deployment.js';
import type { FailureGroups, FailureQuery } from '../core/failure.js';
import {
  type ActionQuery,
  type ControlAction,
  type HistoryBatch,
  type HistoryPage,
  type HistoryRetention,
  type HistorySize,
  type HistoryState,
  HistoryStore,
  type LatestTasks,
  type LifeQuery,
  type StoredTask,
  type SuggestedField,
  type WorkerLife,
} from '../core/history-store.js';
import type { SeriesQuery, SeriesRow } from '../core/series.js';
import type { TaskQuery } from '../core/task-query.js';
import { readActions, writeActions } from './action-rows.js';
import { type HistoryDatabase, HistoryTaken } from './database/history-database.js';
import { migrate } from './database/migrations.js';
import type { HistorySchema } from './database/schema.js';
import { readDeployments, writeDeployment } from './deployment-rows.js';
import { readFailures } from './failure-reader.js';
import { gapRowOf, readGaps } from './gap-rows.js';
import { HistorySearch } from './history-search.js';
import { HistoryTotal } from './history-total.js';
import { readLives, readOpenLives, writeLives } from './life-rows.js';
import { prune } from './retention.js';
import { readSeries, rollUp, writeSeries } from './series-rows.js';
import { readState, readWriter, writeState, writeWriter } from './state-rows.js';
import { TaskReader } from './task-reader.js';
import { compressed, rowOf, storedId, type TaskRow, wordsOf } from './task-row.js';
import { TaskUpsert } from './task-upsert.js';
import { Terms } from './terms.js';
import { WordBook } from './word-book.js';

/** Tasks made rows of without a pause: some milliseconds. */
const AT_ONCE = 512;

type Transacting = Transaction<HistorySchema>;

/** What is known of the database once a batch is committed. */
interface Written {
  readonly words: ReadonlyMap<string, number>;
  readonly terms: ReadonlySet<string>;
}

/** The history in whatever database it is given. */
export class KyselyHistoryStore extends HistoryStore {
  readonly #database: HistoryDatabase;
  /** Tells this run from any other. */
  readonly #id = randomUUID();
  readonly #words = new WordBook();
  readonly #terms = new Terms();
  readonly #upsert = new TaskUpsert();
  readonly #reader: TaskReader;
  readonly #totals: HistoryTotal;
  readonly #search: HistorySearch;
  readonly #seconds: () => number;
  #closed: Promise<void> | null = null;

  constructor(database: HistoryDatabase, clock: Clock) {
    super();
    const now = (): number => clock.monotonic();
    this.#database = database;
    this.#seconds = () => Math.floor(clock.now() / 1000);
    this.#reader = new TaskReader(database.reader, this.#words);
    this.#totals = new HistoryTotal(database.reader, now);
    this.#search = new HistorySearch(database.reader, this.#words, this.#totals, now);
  }

  override async open(): Promise<HistoryState> {
    await this.#database.open();
    return this.#recovering(async () => {
      await this.#migrate();
      const { writer } = this.#database;
      await writeWriter(writer, this.#id);
      const lives = await readOpenLives(writer, this.#words);
      return { ...(await readState(writer)), ...(await readGaps(writer, this.#words)), lives };
    });
  }

  override close(): Promise<void> {
    this.#closed ??= this.#database.close();
    return this.#closed;
  }

  override async append(batch: HistoryBatch): Promise<void> {
    await this.#recovering(async () => {
      const { words, terms } = await this.#database.writer.transaction().execute((db) => this.#write(db, batch));
      this.#words.keep(words);
      this.#terms.keep(terms);
    });
  }

  override latest(which: LatestTasks): Promise<readonly StoredTask[]> {
    return this.#recovering(() => this.#reader.latest(which));
  }

  override search(query: TaskQuery): Promise<HistoryPage> {
    return this.#recovering(() => this.#search.page(query));
  }

  override find(id: string, source: string | null, limit: number): Promise<readonly StoredTask[]> {
    return this.#recovering(() => this.#reader.find(storedId(id), source, limit));
  }

  override whole(ids: readonly string[], source: string): Promise<readonly StoredTask[]> {
    return this.#recovering(() => this.#reader.whole(ids.map(storedId), source));
  }

  override relatives(id: string, source: string, limit: number): Promise<readonly StoredTask[]> {
    return this.#recovering(() => this.#reader.relatives(storedId(id), source, limit));
  }

  override lives(query: LifeQuery): Promise<readonly WorkerLife[]> {
    return this.#recovering(() => readLives(this.#database.reader, this.#words, query));
  }

  override actions(query: ActionQuery): Promise<readonly ControlAction[]> {
    return this.#recovering(() => readActions(this.#database.reader, query));
  }

  override addDeployment(deployment: Deployment): Promise<void> {
    return this.#recovering(() => writeDeployment(this.#database.notes, deployment));
  }

  override deployments(query: DeploymentQuery): Promise<DeploymentPage> {
    return this.#recovering(() => readDeployments(this.#database.reader, query));
  }

  override series(query: SeriesQuery): Promise<readonly SeriesRow[]> {
    return this.#recovering(() => readSeries(this.#database.reader, this.#words, query, this.#seconds()));
  }

  override rollUp(): Promise<void> {
    return this.#recovering(() => rollUp(this.#database.writer, this.#seconds()));
  }

  override failures(query: FailureQuery): Promise<FailureGroups> {
    return this.#recovering(() => readFailures(this.#database.reader, this.#words, query));
  }

  override suggest(field: SuggestedField, text: string, limit: number): Promise<readonly string[]> {
    return this.#recovering(() => this.#terms.suggest(this.#database.reader, field, text, limit));
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

  async #write(db: Transacting, batch: HistoryBatch): Promise<Written> {
    // The lock may have been somebody else's for a while: then they have counted on from what we had stored.
    if ((await readWriter(db)) !== this.#id) throw new HistoryTaken();
    const tasks = lastOfEach(batch.tasks);
    const words = new Map(await this.#words.learn(db, wordsOfAll(batch)));
    const terms = new Set<string>();
    for (let from = 0; from < tasks.length; from += AT_ONCE) {
      await this.#writeTasks(db, tasks.slice(from, from + AT_ONCE), words, terms);
    }
    for (const gap of batch.gaps) {
      await db
        .insertInto('gap')
        .values(gapRowOf(gap, words))
        .onConflict((at) => at.column('number').doNothing())
        .execute();
    }
    await writeSeries(db, batch.series, words);
    await writeLives(db, batch.lives, words);
    await writeActions(db, batch.actions);
    await writeState(db, batch);
    return { words, terms };
  }

  /** Makes rows of some tasks at a time: of all at once they would hold up the events. Adds what it has learnt. */
  async #writeTasks(
    db: Transacting,
    tasks: readonly StoredTask[],
    words: Map<string, number>,
    terms: Set<string>,
  ): Promise<void> {
    for (const [text, id] of await this.#words.learn(
      db,
      tasks.flatMap((task) => [...wordsOf(task)]),
    ))
      words.set(text, id);
    const large = new Map<string, string>();
    const rows = tasks.map((task): TaskRow => rowOf(task, words, large));
    if (large.size > 0) await this.#keepLarge(db, large);
    await this.#upsert.run(db, rows);
    for (const term of await this.#terms.learn(db, tasks, words)) terms.add(term);
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
      this.#terms.forget();
      await this.#migrate();
      await writeWriter(this.#database.writer, this.#id);
      return work();
    }
  }

  async #migrate(): Promise<void> {
    await migrate(this.#database.writer, this.#database.types);
  }
}

/** A task forgotten by memory and heard of again may come twice; the later record is what it has become. */
function lastOfEach(tasks: readonly StoredTask[]): readonly StoredTask[] {
  // Ids alone nearly always tell: a key of two parts made for each task costs more than the rest.
  if (new Set(tasks.map(({ id }) => id)).size === tasks.length) return tasks;
  const byKey = new Map<string, StoredTask>();
  for (const task of tasks) byKey.set(`${task.source}\u0000${task.id}`, task);
  return [...byKey.values()];
}

function* wordsOfAll({ gaps, series, lives }: HistoryBatch): Generator<string> {
  for (const { source, queue } of gaps) {
    yield source;
    if (queue !== null) yield queue;
  }
  for (const { source, key } of series) {
    yield source;
    if (key !== '') yield key;
  }
  for (const { source, name } of lives) {
    yield source;
    yield name;
  }
}
