import type { Kysely } from 'kysely';
import type { HistorySchema } from './database/schema.js';

/** Names are few; where they are not, the book starts over at this many. */
const MAX_WORDS = 50_000;
const MAX_LENGTH = 1_000;
/** Words in one statement. */
const PER_QUERY = 500;

/** Names as numbers. A word once given a number keeps it, so what is known here is right for good. */
export class WordBook {
  readonly #ids = new Map<string, number>();
  readonly #texts = new Map<number, string>();

  /** The numbers of these words; new words get one. To be called in the transaction that uses them. */
  async learn(db: Kysely<HistorySchema>, texts: Iterable<string>): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    const unknown = new Set<string>();
    for (const text of texts) {
      const id = this.#ids.get(bounded(text));
      if (id === undefined) unknown.add(bounded(text));
      else found.set(bounded(text), id);
    }
    for (const some of slices([...unknown])) {
      await db
        .insertInto('word')
        .values(some.map((text) => ({ text })))
        .onConflict((conflict) => conflict.column('text').doNothing())
        .execute();
      const rows = await db.selectFrom('word').select(['id', 'text']).where('text', 'in', some).execute();
      for (const { id, text } of rows) found.set(text, id);
    }
    return found;
  }

  /** Only what is committed may be kept. */
  keep(words: ReadonlyMap<string, number>): void {
    if (this.#ids.size > MAX_WORDS) this.forget();
    for (const [text, id] of words) {
      this.#ids.set(text, id);
      this.#texts.set(id, text);
    }
  }

  /** The texts of these numbers. */
  async texts(db: Kysely<HistorySchema>, ids: Iterable<number | null>): Promise<(id: number | null) => string | null> {
    const unknown = new Set<number>();
    for (const id of ids) if (id !== null && !this.#texts.has(id)) unknown.add(id);
    const read = new Map<string, number>();
    for (const some of slices([...unknown])) {
      const rows = await db.selectFrom('word').select(['id', 'text']).where('id', 'in', some).execute();
      for (const { id, text } of rows) read.set(text, id);
    }
    const own = new Map(Array.from(read, ([text, id]) => [id, text]));
    this.keep(read);
    return (id) => (id === null ? null : (own.get(id) ?? this.#texts.get(id) ?? null));
  }

  /** The number of a word; null where nothing stored uses it. */
  async idOf(db: Kysely<HistorySchema>, text: string): Promise<number | null> {
    const known = this.#ids.get(bounded(text));
    if (known !== undefined) return known;
    const row = await db.selectFrom('word').select('id').where('text', '=', bounded(text)).executeTakeFirst();
    if (row === undefined) return null;
    this.keep(new Map([[bounded(text), row.id]]));
    return row.id;
  }

  /** After the database was made anew. */
  forget(): void {
    this.#ids.clear();
    this.#texts.clear();
  }
}

/** As it is stored: PostgreSQL's text holds no NUL. */
export function bounded(text: string): string {
  const short = text.length > MAX_LENGTH ? text.slice(0, MAX_LENGTH) : text;
  return short.includes('\u0000') ? short.replaceAll('\u0000', '\uFFFD') : short;
}

function* slices<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += PER_QUERY) yield all.slice(from, from + PER_QUERY);
}
