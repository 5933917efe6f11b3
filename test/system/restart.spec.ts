import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { DatabaseSync } from '@photostructure/sqlite';
import Bull, { type Queue } from 'bull';
import { startBullWorker } from '../support/bull-worker.js';
import { startCelerySender, startCeleryWorker } from '../support/celery-worker.js';
import { eventually } from '../support/eventually.js';
import { startRedisServer } from '../support/redis-server.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';

/** KILLS=50 for a long run, which also says how it went. */
const ROUNDS = Number(process.env.KILLS ?? 2);
const PER_ROUND = 600;
const CELERY_PER_ROUND = 60;

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

/** Samples of one metric of one source, by their other labels. */
async function samples(service: ServiceProcess, metric: string, source = 'shop'): Promise<Record<string, number>> {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  const found: Record<string, number> = {};
  for (const [, labels = '', value] of text.matchAll(new RegExp(`^${metric}\\{(.*)\\} (\\S+)$`, 'gm'))) {
    if (!labels.includes(`source="${source}"`)) continue;
    found[labels.replaceAll(/"|,?source="[^"]*"/g, '').replaceAll(/\w+=/g, '')] = Number(value);
  }
  return found;
}

const sum = (values: Record<string, number>): number =>
  Object.values(values).reduce((total, value) => total + value, 0);

describe('the service killed again and again while tasks run', () => {
  test('counts every attempt exactly once where agents tell, and says by number what it cannot know of Celery', async () => {
    const redis = await startRedisServer({});
    endings.push(() => redis.stop());
    const data = mkdtempSync(join(tmpdir(), 'taskscope-data-'));
    endings.push(() => rmSync(data, { recursive: true, force: true }));
    const marks = join(data, 'marks');
    writeFileSync(marks, '');
    const broker = `${redis.url}/1`;
    let slowest = 0;
    const start = async (): Promise<ServiceProcess> => {
      const began = performance.now();
      const words = ['--port', '0', '--data', data, `shop=bull+${redis.url}`, `app=celery+${broker}`];
      const started = await startServiceProcess(process.execPath, ['dist/src/cli.js', ...words], { within: 30_000 });
      slowest = Math.max(slowest, performance.now() - began);
      return started;
    };
    let service = await start();
    endings.push(() => service.kill());
    const queue = new Bull('shop', redis.url);
    endings.push(() => queue.close());
    const workers = await Promise.all(
      [1, 2].map(() => startBullWorker({ url: redis.url, queue: 'shop', locks: 'ordinary' })),
    );
    endings.push(() => Promise.all(workers.map((worker) => worker.kill())));
    const application = { broker, environment: { MARKS: marks } };
    const celery = startCeleryWorker({ ...application, name: 'w', concurrency: 2, args: ['--without-gossip'] });
    endings.push(() => celery.kill());
    const sender = startCelerySender(application);
    endings.push(() => sender.stop());
    await eventually(
      async () => {
        const answer = await fetch(`${service.url}/api/v1/celery/workers/status`);
        expect(await answer.json()).toMatchObject({ workers_up: 3 });
        // Its own count is what later losses are measured by.
        const worker = await fetch(`${service.url}/api/v1/celery/workers/${celery.name}`);
        expect(await worker.json()).toMatchObject({ processed: expect.any(Number) });
      },
      { within: 60_000, every: 250 },
    );

    for (let round = 1; round <= ROUNDS; round += 1) {
      await Promise.all([
        push(queue, PER_ROUND),
        sender.sendMany({ name: 'tasks.mark', args: [0.02], times: CELERY_PER_ROUND }),
      ]);
      // In the middle of it: some are counted, most are not.
      await eventually(
        async () =>
          expect(sum(await samples(service, 'celery_task_total'))).toBeGreaterThan((round - 1) * PER_ROUND + 20),
        { within: 60_000 },
      );
      service.kill();
      service = await start();
    }

    const all = ROUNDS * PER_ROUND;
    await eventually(
      async () => {
        const counted = await samples(service, 'celery_task_total');
        expect(counted).toMatchObject({
          'shop.ok,success': (all * 9) / 10,
          'shop.ok,failure': 0,
          'shop.fail,success': 0,
          'shop.fail,failure': all / 20,
          'shop.retry,success': all / 20,
          'shop.retry,failure': 0,
          'shop.retry,retry': all / 10,
        });
        expect(sum(counted)).toBe((all * 11) / 10);
      },
      { within: 60_000, every: 250 },
    );
    expect(sum(await samples(service, 'taskscope_gap_missed_at_most_total'))).toBe(0);
    expect(sum(await samples(service, 'taskscope_gaps_unbounded_total'))).toBe(0);
    await eventually(
      async () => {
        const answer = await fetch(`${service.url}/api/v1/celery/tasks?limit=1&state=SUCCESS&source=shop`);
        const page: unknown = await answer.json();
        expect(page).toMatchObject({ history: true });
        // Beyond some ten thousand the number is an estimate.
        if (all <= 10_000) expect(page).toMatchObject({ total: (all * 19) / 20, total_exact: true });
      },
      { within: 20_000, every: 250 },
    );

    const runs = ROUNDS * CELERY_PER_ROUND;
    let told = { counted: 0, missed: 0 };
    await eventually(
      async () => {
        expect(readFileSync(marks, 'utf8').split('\n').filter(Boolean)).toHaveLength(runs);
        const counted = sum(await samples(service, 'celery_task_total', 'app'));
        const missed = sum(await samples(service, 'taskscope_gap_missed_at_most_total', 'app'));
        told = { counted, missed };
        expect(counted + missed).toBe(runs);
      },
      { within: 60_000, every: 500 },
    );
    expect(sum(await samples(service, 'taskscope_gaps_unbounded_total', 'app'))).toBe(0);

    expect(await service.terminate()).toBe(0);
    const file = new DatabaseSync(join(data, 'history.sqlite'));
    expect(file.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    file.close();
    if (process.env.KILLS !== undefined) {
      process.stdout.write(
        `${ROUNDS} kills: slowest start ${Math.round(slowest)} ms, Celery ${JSON.stringify(told)} of ${runs}\n`,
      );
    }
  }, 1_200_000);
});
