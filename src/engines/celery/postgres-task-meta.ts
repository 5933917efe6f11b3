import pg from 'pg';
import { fieldsOf, numberIn, textIn } from './json-fields.js';
import { MAX_ARGUMENT_BYTES, type TaskMeta, type TaskMetaReader } from './task-meta.js';

const CONNECT_MS = 2_000;
const ANSWER_MS = 3_000;
const NO_SUCH_TABLE = '42P01';

/** `date_done` is in UTC without saying so, which is how `extract` takes it. */
const READ = `
  SELECT status, octet_length(result) AS bytes, (extract(epoch FROM date_done) * 1000)::float8 AS finished, traceback, name, worker, retries,
    queue, CASE WHEN octet_length(args) <= $2 THEN args END AS args, CASE WHEN octet_length(kwargs) <= $2 THEN kwargs END AS kwargs
  FROM celery_taskmeta WHERE task_id = $1`;

export class PostgresTaskMeta implements TaskMetaReader {
  readonly #pool: pg.Pool;

  constructor(url: string) {
    this.#pool = new pg.Pool({
      connectionString: url,
      max: 2,
      application_name: 'taskscope-results',
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: ANSWER_MS,
      allowExitOnIdle: true,
    });
    // A connection that ends while nobody uses it is replaced when somebody does.
    this.#pool.on('error', () => undefined);
  }

  async read(id: string): Promise<TaskMeta | null> {
    try {
      const { rows } = await this.#pool.query<Record<string, unknown>>(READ, [id, MAX_ARGUMENT_BYTES]);
      return metaOf(rows[0]);
    } catch (error) {
      if (fieldsOf(error)?.code === NO_SUCH_TABLE) return null;
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}

function metaOf(row: Readonly<Record<string, unknown>> | undefined): TaskMeta | null {
  const status = textIn(row?.status);
  if (row === undefined || status === null) return null;
  return {
    status,
    resultBytes: numberIn(row.bytes) ?? 0,
    finishedAt: numberIn(row.finished),
    traceback: textIn(row.traceback),
    name: textIn(row.name),
    args: bytesText(row.args),
    kwargs: bytesText(row.kwargs),
    worker: textIn(row.worker),
    retries: numberIn(row.retries),
    queue: textIn(row.queue),
  };
}

function bytesText(value: unknown): string | null {
  return Buffer.isBuffer(value) ? value.toString() : null;
}
