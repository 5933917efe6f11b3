import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { PostgresTaskMeta } from '../../src/engines/celery/postgres-task-meta.js';
import { SqliteTaskMeta } from '../../src/engines/celery/sqlite-task-meta.js';
import { type CeleryWatch, startCeleryWatch } from '../support/celery-watch.js';
import {
  type CelerySender,
  type CeleryWorkerProcess,
  startCelerySender,
  startCeleryWorker,
} from '../support/celery-worker.js';
import { eventually } from '../support/eventually.js';
import { startPostgresServer } from '../support/postgres-server.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';

const signal = (): AbortSignal => AbortSignal.timeout(10_000);

describe('Results that a real worker keeps by SQLAlchemy', () => {
  let dir: string;
  let file: string;
  let redis: RedisServer;
  let worker: CeleryWorkerProcess;
  let sender: CelerySender;
  let watch: CeleryWatch;

  beforeAll(async () => {
    redis = await startRedisServer();
    dir = await mkdtemp(join(tmpdir(), 'taskscope-results-'));
    file = join(dir, 'results.db');
    const broker = `${redis.url}/0`;
    const results = `db+sqlite:///${file}`;
    watch = startCeleryWatch({ broker, results });
    worker = startCeleryWorker({ broker, results, name: 'w', concurrency: 1, environment: { RESULT_EXTENDED: '1' } });
    sender = startCelerySender({ broker });
    await watch.workerIs('w@test', 'online', 30_000);
  }, 60_000);

  afterAll(async () => {
    await sender?.stop();
    await worker?.stop();
    await watch?.stop();
    await redis?.stop();
    await rm(dir, { recursive: true, force: true });
  }, 30_000);

  test('tell how a task ended and what it was sent with, the pickle by its size, and let it be run again', async () => {
    const order = { name: 'tasks.echo', literal: '[1.0, "it\'s"]', kwargs: { password: 's3cret' } };
    const id = await sender.send(order);
    await watch.event(id, 'task-succeeded', 20_000);

    const told = await eventually(
      async () => {
        const task = await watch.engine.findTask(id, signal());
        expect(task).toMatchObject({ state: 'SUCCESS', result: { opaque: true, bytes: expect.any(Number) } });
        return task;
      },
      { within: 10_000 },
    );
    const report = await watch.engine.act(id, { kind: 'retry', resetAttempts: false }, signal());
    const again = await watch.event(report.newId ?? '', 'task-succeeded', 20_000);

    expect(told).toMatchObject({ name: 'tasks.echo', args: [1, "it's"], kwargs: { password: '[redacted]' } });
    expect(told?.worker).toBe('w@test');
    expect(Math.abs((told?.finishedAt ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(report.message).toContain('the result backend');
    expect(JSON.stringify(again.value)).toContain('(1.0, ');
  }, 60_000);

  test('tell how a task failed, in SQLite and in PostgreSQL alike, and nothing where there is nothing', async () => {
    const id = await sender.send({ name: 'tasks.fail', args: ['bäd'] });
    await watch.event(id, 'task-failed', 20_000);
    const sqlite = new SqliteTaskMeta(file);
    const postgres = await startPostgresServer();
    const reader = new PostgresTaskMeta(postgres.url);
    const database = new pg.Client({ connectionString: postgres.url });
    try {
      const row = await eventually(
        async () => {
          const found = await sqlite.read(id);
          expect(found).toMatchObject({ status: 'FAILURE', name: 'tasks.fail', args: '["b\\u00e4d"]' });
          return found;
        },
        { within: 10_000 },
      );
      expect(await watch.engine.findTask(id, signal())).toMatchObject({
        state: 'FAILURE',
        error: { type: 'ValueError', message: 'bäd' },
        traceback: expect.stringContaining('raise ValueError(message)'),
      });
      expect(await sqlite.read('nosuch')).toBeNull();

      expect(await reader.read(id)).toBeNull();
      await database.connect();
      await database.query(
        `CREATE TABLE celery_taskmeta (id int PRIMARY KEY, task_id varchar(155) UNIQUE, status varchar(50), result bytea, date_done timestamp,
          traceback text, name varchar(155), args bytea, kwargs bytea, worker varchar(155), retries int, queue varchar(155))`,
      );
      await database.query(
        `INSERT INTO celery_taskmeta VALUES (1, $1, $2, $3, to_timestamp($4::float8 / 1000) AT TIME ZONE 'UTC', $5, $6, $7, $8, $9, $10, $11)`,
        [
          id,
          row?.status,
          Buffer.alloc(row?.resultBytes ?? 0),
          row?.finishedAt,
          row?.traceback,
          row?.name,
          Buffer.from(row?.args ?? ''),
          Buffer.from(row?.kwargs ?? ''),
          row?.worker,
          row?.retries,
          row?.queue,
        ],
      );
      expect(await reader.read(id)).toEqual(row);
      expect(await reader.read('nosuch')).toBeNull();
    } finally {
      await database.end();
      await reader.close();
      await sqlite.close();
      await postgres.stop();
    }
  }, 120_000);
});
