import { messageOf } from '../core/errors.js';
import type { ControlAction, HistoryStore, WorkerLife } from '../core/history-store.js';
import { currentScope, sourceInScope } from '../core/scope.js';

export interface RecordArchiveOptions {
  /** null where nothing is stored. */
  readonly store: HistoryStore | null;
  readonly warn: (message: string) => void;
}

/** What the history has noted beside tasks. Every answer is null where nothing is stored, or it cannot be read. */
export class RecordArchive {
  readonly #o: RecordArchiveOptions;

  constructor(options: RecordArchiveOptions) {
    this.#o = options;
  }

  /** Which process had this worker's name, from when to when; the latest first. */
  async lives(name: string, source: string | null, limit: number): Promise<readonly WorkerLife[] | null> {
    const scope = currentScope();
    const found = await this.#read((store) => store.lives({ since: 0, name, source, limit }));
    return found?.filter((life) => sourceInScope(scope, life.source)) ?? null;
  }

  /** What people have done to this task, or tried to; the latest first. */
  actionsOn(task: string, source: string, limit: number): Promise<readonly ControlAction[] | null> {
    return this.#read(async (store) => {
      const found = await store.actions({ since: 0, task, limit });
      return found.filter(({ asked }) => asked.source === undefined || asked.source === source);
    });
  }

  async #read<T>(ask: (store: HistoryStore) => Promise<T>): Promise<T | null> {
    const { store, warn } = this.#o;
    if (store === null) return null;
    try {
      return await ask(store);
    } catch (error) {
      warn(`history: its records could not be read: ${messageOf(error)}`);
      return null;
    }
  }
}
