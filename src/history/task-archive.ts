import { AmbiguousTaskId, messageOf, NotSupported, SourceUnavailable, TaskNotFound } from '../core/errors.js';
import type { HistoryPage, HistoryStore, StoredTask } from '../core/history-store.js';
import { currentScope, queueInScope, sourceInScope } from '../core/scope.js';
import type { TaskDetail, TaskSummary } from '../core/task.js';
import type { TaskQuery } from '../core/task-query.js';
import type { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { joinPages } from './joined-page.js';
import { completed, detailFromStored } from './stored-detail.js';

export interface ArchivePage extends HistoryPage {
  readonly items: readonly TaskSummary[];
  /** Whether stored tasks were searched too, and not memory alone. */
  readonly history: boolean;
}

export interface ArchiveOptions {
  readonly inspector: QueueInspector;
  /** null where nothing is stored. */
  readonly store: HistoryStore | null;
  /** Whether everything memory knows is stored: only then are the store's totals exact. */
  readonly settled: () => boolean;
  readonly warn: (message: string) => void;
}

/** Enough candidates to settle an id that several sources have. */
const MAX_CANDIDATES = 20;
const MAX_CHILDREN = 1_000;
/** Pages that turn out to be empty are skipped, but not for ever. */
const MAX_TRIES = 4;

/** Tasks wherever they are known: in memory, at the broker, in the history. What is in memory is the latest; the history has the rest. */
export class TaskArchive {
  readonly #o: ArchiveOptions;

  constructor(options: ArchiveOptions) {
    this.#o = options;
  }

  async search(query: TaskQuery): Promise<ArchivePage> {
    const { inspector, store, settled } = this.#o;
    if (store === null || query.order.field === 'name') return this.#fromMemory(query);
    let next = query;
    for (let tries = 1; ; tries += 1) {
      const exact = settled();
      const stored = await this.#stored(store, next);
      if (stored === null) return this.#fromMemory(query);
      const live = inspector.search(next);
      const page = joinPages(live, stored, next, (task) => inspector.liveTask(task.source, task.id) !== null);
      const over = page.next === null || page.items.length > 0 || !stored.complete || tries === MAX_TRIES;
      if (over)
        return {
          ...page,
          total: Math.max(stored.total, live.total),
          totalExact: stored.totalExact && exact,
          history: true,
        };
      next = { ...query, after: page.next };
    }
  }

  /**
   * Everything known about a task: the broker's word, completed by memory and history; the history's alone where the broker has forgotten it or
   * is away. Errors: TaskNotFound, AmbiguousTaskId, SourceUnavailable.
   */
  async task(id: string, source?: string): Promise<TaskDetail> {
    try {
      const found = await this.#o.inspector.task(id, source);
      const [stored] = await this.#find(found.id, found.source);
      if (stored === undefined) return found;
      const detail = completed(found, stored);
      return detail.childIds.length > 0 ? detail : { ...detail, childIds: await this.#childrenOf(detail) };
    } catch (error) {
      if (!(error instanceof TaskNotFound || error instanceof SourceUnavailable)) throw error;
      const found = await this.#find(id, source ?? null);
      const [only, ...others] = found;
      if (only === undefined) throw error;
      if (others.length === 0) return { ...detailFromStored(only), childIds: await this.#childrenOf(only) };
      throw new AmbiguousTaskId(
        `expected an id that one task has, found "${id}" in ${found.length} sources; give ?source=`,
        {
          id,
          candidates: found.map((task) => ({ id: task.id, source: task.source })),
        },
      );
    }
  }

  /** Tasks of the family that has this root, or of which this task is the parent, as far as the history knows them. */
  relatives(id: string, source: string, limit: number): Promise<readonly StoredTask[]> {
    return this.#read((store) => store.relatives(id, source, limit));
  }

  /** What the history has of tasks that a search has found; tasks that are not stored yet are missing. One or two reads per source. */
  async whole(tasks: readonly TaskSummary[]): Promise<readonly StoredTask[]> {
    const sources = [...new Set(tasks.map(({ source }) => source))];
    const found = await Promise.all(
      sources.map((source) => {
        const ids = tasks.filter((task) => task.source === source).map(({ id }) => id);
        return this.#read((store) => store.whole(ids, source));
      }),
    );
    return found.flat();
  }

  async #childrenOf({ id, source }: TaskDetail | StoredTask): Promise<readonly string[]> {
    const found = await this.relatives(id, source, MAX_CHILDREN);
    return found.filter(({ parentId }) => parentId === id).map((task) => task.id);
  }

  #fromMemory(query: TaskQuery): ArchivePage {
    return { ...this.#o.inspector.search(query), complete: true, totalExact: true, history: false };
  }

  /** null where the history cannot be asked: memory can. */
  async #stored(store: HistoryStore, query: TaskQuery): Promise<HistoryPage | null> {
    try {
      return await store.search(query);
    } catch (error) {
      if (error instanceof NotSupported) throw error;
      this.#o.warn(`history: a search failed: ${messageOf(error)}`);
      return null;
    }
  }

  #find(id: string, source: string | null): Promise<readonly StoredTask[]> {
    return this.#read((store) => store.find(id, source, MAX_CANDIDATES));
  }

  /** What the caller may see of it; [] where nothing is stored, or it cannot be read. */
  async #read(ask: (store: HistoryStore) => Promise<readonly StoredTask[]>): Promise<readonly StoredTask[]> {
    const { store, warn } = this.#o;
    if (store === null) return [];
    try {
      const scope = currentScope();
      const found = await ask(store);
      return found.filter((task) => sourceInScope(scope, task.source) && queueInScope(scope, task.queue));
    } catch (error) {
      warn(`history: a task could not be read: ${messageOf(error)}`);
      return [];
    }
  }
}
