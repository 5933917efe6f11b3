import { type Kysely, sql } from 'kysely';
import { type StoredTask, SUGGESTED_FIELDS, type SuggestedField } from '../core/history-store.js';
import type { HistorySchema } from './database/schema.js';
import { beginsWith, contains } from './task-condition.js';
import { bounded } from './word-book.js';

const PER_QUERY = 500;
/** Names are few; where they are not, the book starts over at this many. */
const MAX_KNOWN = 50_000;

/** Which words are names of what. */
export class Terms {
  /** By field and word. */
  readonly #known = new Set<string>();

  /** To be called in the transaction that stores the tasks. Returns what to `keep` once it is committed. */
  async learn(
    db: Kysely<HistorySchema>,
    tasks: readonly StoredTask[],
    words: ReadonlyMap<string, number>,
  ): Promise<ReadonlySet<string>> {
    const fresh = new Map<string, { readonly field: number; readonly word: number }>();
    for (const { name, worker, queue, source, error } of tasks) {
      const terms = [name, worker, queue, source, error?.type ?? null];
      terms.forEach((text, field) => {
        const word = text === null ? undefined : words.get(bounded(text));
        if (word === undefined) return;
        const key = `${field} ${word}`;
        if (!this.#known.has(key)) fresh.set(key, { field, word });
      });
    }
    const rows = [...fresh.values()];
    for (let from = 0; from < rows.length; from += PER_QUERY) {
      await db
        .insertInto('term')
        .values(rows.slice(from, from + PER_QUERY))
        .onConflict((conflict) => conflict.columns(['field', 'word']).doNothing())
        .execute();
    }
    return new Set(fresh.keys());
  }

  keep(keys: ReadonlySet<string>): void {
    if (this.#known.size > MAX_KNOWN) this.#known.clear();
    for (const key of keys) this.#known.add(key);
  }

  forget(): void {
    this.#known.clear();
  }

  /** Those that begin with the text; where there are not enough, also those that hold it. */
  async suggest(
    db: Kysely<HistorySchema>,
    field: SuggestedField,
    text: string,
    limit: number,
  ): Promise<readonly string[]> {
    const of = sql`term.field = ${SUGGESTED_FIELDS.indexOf(field)}`;
    const column = sql`word.text`;
    const ask = async (condition: ReturnType<typeof contains>, most: number): Promise<readonly string[]> => {
      const { rows } = await sql<{ text: string }>`
        SELECT word.text AS text FROM term JOIN word ON word.id = term.word WHERE ${of} AND ${condition}
        ORDER BY word.text LIMIT ${most}
      `.execute(db);
      return rows.map((row) => row.text);
    };
    const beginning = await ask(beginsWith(column, text), limit);
    if (text === '' || beginning.length === limit) return beginning;
    const holding = await ask(contains(column, text), limit + beginning.length);
    return [...new Set([...beginning, ...holding])].slice(0, limit);
  }
}
