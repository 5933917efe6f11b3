import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import Bull from 'bull';
import pg from 'pg';
import { startBullWorker } from '../support/bull-worker.js';
import { eventually } from '../support/eventually.js';
import { startPostgresServer } from '../support/postgres-server.js';
import { startRedisServer } from '../support/redis-server.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';

/** LEADER_KILLS=20 for a long run. */
const KILLS = Number(process.env.LEADER_KILLS ?? 1);
const PER_ROUND = 300;
const PATIENT = { within: 60_000, every: 200 } as const;

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function counted(service: ServiceProcess): Promise<number> {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  const samples = [...text.matchAll(/^celery_task_total\{.*status="success".*\} (\S+)$/gm)];
  return samples.reduce((sum, [, value]) => sum + Number(value), 0);
}

const writer = async (service: ServiceProcess): Promise<string | undefined> =>
  /^taskscope_history_writer (\d)$/m.exec(await (await fetch(`${service.url}/metrics`)).text())?.[1];

const history = async (service: ServiceProcess): Promise<unknown> => {
  const ready: unknown = await (await fetch(`${service.url}/health/ready`)).json();
  return typeof ready === 'object' && ready !== null && 'details' in ready
    ? Reflect.get(Object(ready.details), 'history')
    : null;
};

const WRITES = { status: 'up' };
const STANDS_BY = { status: 'up', message: 'another instance writes it' };

test('of two instances on one PostgreSQL one counts, both show, and whoever is left takes over: nothing is stored twice', async () => {
  const postgres = await startPostgresServer();
  endings.push(() => postgres.stop());
  const redis = await startRedisServer({});
  endings.push(() => redis.stop());
  const start = async (): Promise<ServiceProcess> => {
    const data = mkdtempSync(join(tmpdir(), 'taskscope-data-'));
    endings.push(() => rmSync(data, { recursive: true, force: true }));
    const started = await startServiceProcess(
      process.execPath,
      ['dist/src/cli.js', '--port', '0', '--data', data, `shop=bull+${redis.url}`],
      { within: 60_000, env: { TASKSCOPE_HISTORY_URL: postgres.url } },
    );
    endings.push(() => started.kill());
    return started;
  };
  const queue = new Bull('shop', redis.url);
  endings.push(() => queue.close());
  const worker = await startBullWorker({ url: redis.url, queue: 'shop', locks: 'ordinary' });
  endings.push(() => worker.kill());
  let leader = await start();
  let standby = await start();
  await eventually(
    async () => expect([await history(leader), await history(standby)]).toEqual([WRITES, STANDS_BY]),
    PATIENT,
  );
  expect([await writer(leader), await writer(standby)]).toEqual(['1', '0']);
  let slowest = 0;

  for (let round = 1; round <= KILLS; round += 1) {
    const opts = { removeOnComplete: true };
    await queue.addBulk(Array.from({ length: PER_ROUND }, (_, at) => ({ name: 'ok', data: { at }, opts })));
    await eventually(async () => expect(await counted(leader)).toBeGreaterThan((round - 1) * PER_ROUND + 20), PATIENT);
    leader.kill();
    const killed = performance.now();
    await eventually(async () => expect(await history(standby)).toEqual(WRITES), PATIENT);
    slowest = Math.max(slowest, performance.now() - killed);
    leader = standby;
    standby = await start();
  }

  const all = KILLS * PER_ROUND;
  await eventually(async () => expect(await counted(leader)).toBe(all), PATIENT);
  // Who stands by counts nothing, so a sum over instances is right; what is stored it shows all the same.
  expect(await counted(standby)).toBe(0);
  const path = '/api/v1/celery/tasks?state=SUCCESS&limit=1';
  await eventually(
    async () =>
      expect(await (await fetch(`${standby.url}${path}`)).json()).toMatchObject({ total: all, history: true }),
    PATIENT,
  );
  expect(await (await fetch(`${standby.url}/api/v1/celery/workers/status`)).json()).toMatchObject({ workers_up: 1 });
  const client = new pg.Client(postgres.url);
  await client.connect();
  const rows = await client.query('SELECT count(*)::int AS tasks, count(DISTINCT id)::int AS ids FROM task');
  await client.end();
  expect(rows.rows).toEqual([{ tasks: all, ids: all }]);

  // One that stands still for long has been left behind: it ends instead of counting on from what it knew.
  leader.freeze();
  await eventually(async () => expect(await history(standby)).toEqual(WRITES), PATIENT);
  const left = leader;
  left.thaw();
  await eventually(() => expect(left.output()).toContain('another instance has taken over'), PATIENT);
  if (process.env.LEADER_KILLS !== undefined)
    process.stdout.write(`${KILLS} leaders killed: slowest takeover ${Math.round(slowest)} ms\n`);
}, 1_200_000);
