import { type RawBuilder, sql } from 'kysely';

export interface JsonValue {
  /** What stands there, as text; objects and lists as JSON. NULL where nothing does. */
  readonly text: RawBuilder<unknown>;
  /** The same where it is a number, else NULL. */
  readonly number: RawBuilder<unknown>;
}

/** What stands at a place in a column of JSON. Of a text that is no JSON, or that the database cannot read, nothing: no error. */
export type JsonAt = (column: string, path: readonly string[]) => JsonValue;

export const sqliteJsonAt: JsonAt = (column, path) => {
  // A key holds no quote and no backslash: the filter language has none in its paths.
  const at = `$${path.map((key) => (/^\d+$/.test(key) ? `[${key}]` : `."${key}"`)).join('')}`;
  const json = sql.ref(column);
  const value = sql`json_extract(${json}, ${at})`;
  const type = sql`json_type(${json}, ${at})`;
  return {
    text: sql`(CASE WHEN json_valid(${json}) THEN CASE WHEN ${type} IN ('true', 'false') THEN ${type} ELSE CAST(${value} AS text) END END)`,
    number: sql`(CASE WHEN json_valid(${json}) THEN CASE WHEN ${type} IN ('integer', 'real') THEN ${value} END END)`,
  };
};

/** PostgreSQL's text holds no NUL and no half of a character: it reads no JSON in which they are escaped. */
const UNREADABLE = '\\\\u(0000|[dD][89a-fA-F])';

export const postgresJsonAt: JsonAt = (column, path) => {
  const json = sql.ref(column);
  const keys = sql`ARRAY[${sql.join(path.map((key) => sql`${key}`))}]::text[]`;
  const readable = sql`${json} !~ ${UNREADABLE}`;
  return {
    text: sql`(CASE WHEN ${readable} THEN ${json}::json #>> ${keys} END)`,
    number: sql`(CASE WHEN ${readable} THEN CASE WHEN json_typeof(${json}::json #> ${keys}) = 'number' THEN (${json}::json #>> ${keys})::double precision END END)`,
  };
};
