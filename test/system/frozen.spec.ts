import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { startBullmqAgentWorker } from '../support/bullmq-agent-worker.js';
import { BullmqApp, loadedVersion } from '../support/bullmq-app.js';
import { eventually } from '../support/eventually.js';
import { startRedisServer } from '../support/redis-server.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';

/** With the agent, and as many without it. */
const TASKS = Number(process.env.FROZEN_TASKS ?? 10_000);
const FROZEN_MS = 10_000;

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function get(service: ServiceProcess, path: string): Promise<Record<string, unknown>> {
  return JSON.parse(await (await fetch(`${service.url}/api/v1/celery${path}`)).text());
}

/** The samples of one metric that are not 0, by name and status. */
async function samples(service: ServiceProcess, metric: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  const found: Record<string, number> = {};
  for (const [, labels = '', value] of text.matchAll(new RegExp(`^${metric}\\{(.*)\\} (\\S+)$`, 'gm'))) {
    const key = labels.replaceAll(/"|,?source="[^"]*"/g, '').replaceAll(/\w+=/g, '');
    if (Number(value) > 0) found[key] = (found[key] ?? 0) + Number(value);
  }
  return found;
}

function plainWorker(port: number, queue: string): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('../support/bullmq-worker.mjs', import.meta.url));
  const child = fork(program, ['6', String(port), queue, '20', 'metrics'], { execArgv: [] });
  endings.push(() => void child.kill('SIGKILL'));
  return new Promise((resolve) => child.once('message', () => resolve(child)));
}

describe('20 000 tasks through BullMQ 6, with the service frozen for ten seconds in the middle', () => {
  test('are counted exactly, by name and status, with the agent, and without it where the workers keep totals', async () => {
    expect(loadedVersion(6)).toMatch(/^6\./);
    const redis = await startRedisServer({ args: ['--appendonly', 'no'] });
    endings.push(() => redis.stop());
    const data = mkdtempSync(join(tmpdir(), 'taskscope-data-'));
    endings.push(() => rmSync(data, { recursive: true, force: true }));
    const app = new BullmqApp(redis.port, 6);
    endings.push(() => app.close());
    for (const name of ['told', 'plain']) await app.queue(name).pause();
    const service = await startServiceProcess(
      process.execPath,
      ['dist/src/cli.js', '--port', '0', '--data', data, `bullmq+${redis.url}`],
      { within: 30_000 },
    );
    endings.push(() => service.kill());
    await eventually(
      async () => {
        const { queues } = await get(service, '/queues/status');
        expect(queues).toHaveLength(2);
      },
      { within: 15_000 },
    );
    await plainWorker(redis.port, 'plain');
    const worker = await startBullmqAgentWorker({ major: 6, port: redis.port, queue: 'told', concurrency: 20 });
    endings.push(() => worker.kill());
    await eventually(
      async () => {
        const { workers } = await get(service, '/workers/status');
        expect(workers).toContainEqual(expect.objectContaining({ pid: worker.pid }));
      },
      { within: 15_000 },
    );
    const opts = { removeOnComplete: true, removeOnFail: true };
    for (let from = 0; from < TASKS; from += 1_000) {
      const numbers = Array.from({ length: 1_000 }, (_, n) => from + n);
      await Promise.all([
        app.queue('told').addBulk(numbers.map((n) => ({ name: n % 20 === 0 ? 'fail' : 'ok', data: { n }, opts }))),
        app
          .queue('plain')
          .addBulk(
            numbers.map((n) =>
              n % 20 === 0 ? { name: 'fail', data: { n, fail: 'no' }, opts } : { name: 'ok', data: { n }, opts },
            ),
          ),
      ]);
    }

    for (const name of ['told', 'plain']) await app.queue(name).resume();
    await eventually(
      async () => {
        const total = await samples(service, 'celery_task_total');
        expect(Math.min(total['told.ok,success'] ?? 0, total['plain.ok,success'] ?? 0)).toBeGreaterThan(100);
      },
      { within: 30_000 },
    );
    service.freeze();
    await pause(FROZEN_MS);
    service.thaw();

    await eventually(
      async () => {
        for (const name of ['told', 'plain']) {
          expect(await app.queue(name).getJobCountByTypes('wait', 'active', 'prioritized')).toBe(0);
        }
      },
      { within: 60_000, every: 500 },
    );
    await eventually(
      async () => {
        const total = await samples(service, 'celery_task_total');
        const told = Object.fromEntries(Object.entries(total).filter(([labels]) => labels.startsWith('told.')));
        expect(told).toEqual({ 'told.ok,success': TASKS * 0.95, 'told.fail,failure': TASKS * 0.05 });
        const plain = (status: string): number =>
          Object.entries(total)
            .filter(([labels]) => labels.startsWith('plain.') && labels.endsWith(`,${status}`))
            .reduce((sum, [, count]) => sum + count, 0);
        expect([plain('success'), plain('failure')]).toEqual([TASKS * 0.95, TASKS * 0.05]);
      },
      { within: 40_000, every: 500 },
    );
    // It was no easy case: more was written meanwhile than the streams keep.
    expect(Object.keys(await samples(service, 'taskscope_gaps_total'))).toContainEqual(
      expect.stringContaining('overrun'),
    );
  }, 200_000);
});
