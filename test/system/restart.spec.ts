import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import Bull, { type Queue } from 'bull';
import { startBullWorker } from '../support/bull-worker.js';
import { eventually } from '../support/eventually.js';
import { startRedisServer } from '../support/redis-server.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';

const ROUNDS = 6;
const PER_ROUND = 800;

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** Nine in ten succeed, one in twenty fails, one in twenty succeeds at its third attempt. All are erased as they finish. */
async function push(queue: Queue, count: number): Promise<void> {
  const opts = { removeOnComplete: true, removeOnFail: true };
  await queue.addBulk(
    Array.from({ length: count }, (_, at) => {
      if (at % 20 === 0) return { name: 'fail', data: {}, opts };
      if (at % 20 === 1) return { name: 'retry', data: {}, opts: { ...opts, attempts: 3 } };
      return { name: 'ok', data: { at }, opts };
    }),
  );
}

/** Samples of one metric, by their labels without the source. */
async function samples(service: ServiceProcess, metric: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  const found: Record<string, number> = {};
  for (const [, labels = '', value] of text.matchAll(new RegExp(`^${metric}\\{(.*)\\} (\\S+)$`, 'gm'))) {
    found[labels.replaceAll(/"|,?source="[^"]*"/g, '').replaceAll(/\w+=/g, '')] = Number(value);
  }
  return found;
}

const sum = (values: Record<string, number>): number =>
  Object.values(values).reduce((total, value) => total + value, 0);

describe('the service killed again and again while tasks run', () => {
  test('counts every attempt exactly once, with the agent, and loses no task', async () => {
    const redis = await startRedisServer({});
    endings.push(() => redis.stop());
    const data = mkdtempSync(join(tmpdir(), 'taskscope-data-'));
    endings.push(() => rmSync(data, { recursive: true, force: true }));
    const start = (): Promise<ServiceProcess> =>
      startServiceProcess(
        process.execPath,
        ['dist/src/cli.js', '--port', '0', '--data', data, '--history', `shop=bull+${redis.url}`],
        { within: 30_000 },
      );
    let service = await start();
    endings.push(() => service.kill());
    const queue = new Bull('shop', redis.url);
    endings.push(() => queue.close());
    const workers = await Promise.all(
      [1, 2].map(() => startBullWorker({ url: redis.url, queue: 'shop', locks: 'ordinary' })),
    );
    endings.push(() => Promise.all(workers.map((worker) => worker.kill())));
    await eventually(
      async () => {
        const answer = await fetch(`${service.url}/api/v1/celery/workers/status`);
        expect(await answer.json()).toMatchObject({ workers_up: 2 });
      },
      { within: 20_000 },
    );

    for (let round = 1; round <= ROUNDS; round += 1) {
      await push(queue, PER_ROUND);
      // In the middle of it: some are counted, most are not.
      await eventually(
        async () =>
          expect(sum(await samples(service, 'celery_task_total'))).toBeGreaterThan((round - 1) * PER_ROUND + 20),
        { within: 30_000 },
      );
      service.kill();
      service = await start();
    }

    const all = ROUNDS * PER_ROUND;
    await eventually(
      async () => {
        const counted = await samples(service, 'celery_task_total');
        expect(counted).toMatchObject({
          'shop.ok,success': all * 0.9,
          'shop.ok,failure': 0,
          'shop.fail,success': 0,
          'shop.fail,failure': all * 0.05,
          'shop.retry,success': all * 0.05,
          'shop.retry,failure': 0,
          'shop.retry,retry': all * 0.1,
        });
        expect(sum(counted)).toBe(all * 1.1);
      },
      { within: 60_000, every: 250 },
    );
    expect(sum(await samples(service, 'taskscope_gap_missed_at_most_total'))).toBe(0);
    expect(sum(await samples(service, 'taskscope_gaps_unbounded_total'))).toBe(0);
    await eventually(
      async () => {
        const answer = await fetch(`${service.url}/api/v1/celery/tasks?limit=1&state=SUCCESS`);
        expect(await answer.json()).toMatchObject({ total: all * 0.95, total_exact: true, history: true });
      },
      { within: 20_000, every: 250 },
    );
  }, 240_000);
});
