import { type Kysely, sql } from 'kysely';
import type { FailureGroups, FailureQuery } from '../core/failure.js';
import type { HistorySchema } from './database/schema.js';
import { type FailureFact, groupFailures } from './failure-groups.js';
import { conditionsOf } from './task-condition.js';
import { micros, millis } from './task-row.js';
import { every } from './task-windows.js';
import type { WordBook } from './word-book.js';

/** The latest failures that are looked at: some 50 ms. */
const LOOKED_AT = 50_000;

interface FactRow {
  readonly signature: number;
  readonly name: number | null;
  readonly worker: number | null;
  readonly part: number;
  readonly count: number;
  readonly first: number;
  readonly last: number;
  readonly sample: number;
}

export async function readFailures(
  db: Kysely<HistorySchema>,
  words: WordBook,
  query: FailureQuery,
): Promise<FailureGroups> {
  const { since, until, source, name, queue, parts } = query;
  const begin = micros(since) ?? 0;
  const length = Math.max(1, Math.ceil(((micros(until) ?? 0) - begin) / parts));
  const conditions = [
    sql`signature IS NOT NULL AND finished_at >= ${begin} AND finished_at < ${micros(until)}`,
    ...conditionsOf({
      ...(source !== null && { source }),
      ...(name !== null && { name }),
      ...(queue !== null && { queue }),
    }),
  ];
  const { rows } = await sql<FactRow>`
    SELECT signature, name, worker, part, count(*) AS count, min(finished_at) AS first, max(finished_at) AS last, max(seq) AS sample
    FROM (
      SELECT signature, name, worker, seq, finished_at, (finished_at - ${sql.lit(begin)}) / ${sql.lit(length)} AS part
      FROM task WHERE ${every(conditions)} ORDER BY finished_at DESC LIMIT ${LOOKED_AT}
    ) AS failed
    GROUP BY signature, name, worker, part
  `.execute(db);
  const word = await words.texts(
    db,
    rows.flatMap((row) => [row.signature, row.name, row.worker]),
  );
  const facts = rows.map((row) => ({ row, fact: factOf(row, word) }));
  const looked = facts.reduce((sum, { fact }) => sum + fact.count, 0);
  const grouped = groupFailures(
    facts.map(({ fact }) => fact),
    query,
    looked < LOOKED_AT,
  );
  const samples = await readSamples(db, words, grouped);
  return {
    ...grouped,
    groups: grouped.groups.map((group) => ({ ...group, sample: samples.get(group.sample.id) ?? group.sample })),
  };
}

/** The sample is the place of its row until it has been read. */
function factOf(row: FactRow, word: (id: number | null) => string | null): FailureFact {
  return {
    signature: word(row.signature) ?? '',
    name: word(row.name),
    worker: word(row.worker),
    part: Number(row.part),
    count: Number(row.count),
    first: millis(row.first) ?? 0,
    last: millis(row.last) ?? 0,
    sample: { source: '', id: String(row.sample), message: '' },
  };
}

async function readSamples(
  db: Kysely<HistorySchema>,
  words: WordBook,
  { groups }: FailureGroups,
): Promise<ReadonlyMap<string, FailureGroups['groups'][number]['sample']>> {
  if (groups.length === 0) return new Map();
  const rows = await db
    .selectFrom('task')
    .select(['seq', 'source', 'id', 'error_message'])
    .where(
      'seq',
      'in',
      groups.map(({ sample }) => Number(sample.id)),
    )
    .execute();
  const word = await words.texts(
    db,
    rows.map(({ source }) => source),
  );
  return new Map(
    rows.map((row) => [
      String(row.seq),
      { source: word(row.source) ?? '', id: row.id, message: row.error_message ?? '' },
    ]),
  );
}
