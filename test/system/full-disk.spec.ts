import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { BullmqApp } from '../support/bullmq-app.js';
import { eventually } from '../support/eventually.js';
import { startRedisServer } from '../support/redis-server.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';

/** FULL_SECONDS=60 for a long time without room, which also says how it went. */
const FULL_MS = Number(process.env.FULL_SECONDS ?? 1) * 1_000;
const DISK_MEGABYTES = 12;
const TASKS_AT_ONCE = 5;
const BETWEEN_MS = 200;

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** A disk of its own; null where this machine does not allow one: only root may mount, and not in every container. */
function smallDisk(): { readonly path: string; fill(): void; clear(): void } | null {
  const folder = mkdtempSync(join(tmpdir(), 'taskscope-full-'));
  const path = join(folder, 'disk');
  mkdirSync(path);
  endings.push(() => rmSync(folder, { recursive: true, force: true }));
  const size = `size=${DISK_MEGABYTES}m`;
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', path], { stdio: 'ignore' }).status !== 0) return null;
  endings.push(() => spawnSync('umount', ['-l', path]));
  const ballast = join(path, 'ballast');
  return {
    path,
    fill: () => {
      expect(() => writeFileSync(ballast, Buffer.alloc(2 * DISK_MEGABYTES * 1024 * 1024))).toThrow(/ENOSPC/);
      expect(statfsSync(path).bavail).toBe(0);
    },
    clear: () => rmSync(ballast),
  };
}

async function metric(service: ServiceProcess, line: string): Promise<number> {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  const found = text.split('\n').find((each) => each.startsWith(`${line} `));
  return Number(found?.slice(line.length + 1) ?? Number.NaN);
}

const successes = (service: ServiceProcess): Promise<number> =>
  metric(service, 'celery_task_total{task_name="shop.job",status="success",source="shop"}');

const pending = (service: ServiceProcess): Promise<number> => metric(service, 'taskscope_history_pending_tasks');

describe('a disk without room', () => {
  test('costs nothing but the history of that time: it resumes by itself, and the counters are right, after kill -9 too', async () => {
    const disk = smallDisk();
    if (disk === null) return;
    const redis = await startRedisServer({ args: ['--appendonly', 'no'] });
    endings.push(() => redis.stop());
    const app = new BullmqApp(redis.port);
    endings.push(() => app.close());
    const start = async (): Promise<ServiceProcess> => {
      const words = ['--port', '0', '--data', disk.path, `shop=bullmq+${redis.url}`];
      const started = await startServiceProcess(process.execPath, ['dist/src/cli.js', ...words], { within: 60_000 });
      endings.push(() => started.kill());
      return started;
    };
    let service = await start();
    const queue = app.queue('shop');
    let added = 0;
    const add = async (): Promise<void> => {
      await queue.addBulk(
        Array.from({ length: TASKS_AT_ONCE }, () => ({ name: 'job', data: { text: 'x'.repeat(500) } })),
      );
      added += TASKS_AT_ONCE;
    };
    const counted = (): Promise<void> =>
      eventually(async () => expect(await successes(service)).toBe(added), { within: 60_000, every: 250 });
    await add();
    await app.work('shop');
    await counted();
    await eventually(async () => expect(await pending(service)).toBe(0), { within: 30_000, every: 250 });

    disk.fill();
    const until = performance.now() + FULL_MS;
    let slowest = 0;
    let most = 0;
    let behind = 0;
    for (let rounds = 0; performance.now() < until || rounds < 5; rounds += 1) {
      await add();
      const began = performance.now();
      const latest = await fetch(`${service.url}/api/v1/celery/tasks?limit=1&sort=-sent`);
      slowest = Math.max(slowest, performance.now() - began);
      expect(latest.status).toBe(200);
      behind = Math.max(behind, added - (await successes(service)));
      most = Math.max(most, await pending(service));
      await setTimeout(BETWEEN_MS);
    }
    await counted();
    await eventually(() => expect(service.output()).toMatch(/history: nothing can be stored \(.*(full|I\/O)/), {
      within: 30_000,
    });
    expect(await pending(service)).toBeGreaterThan(0);
    expect((await fetch(`${service.url}/health/live`)).status).toBe(200);

    disk.clear();
    await eventually(
      async () => {
        expect(service.output()).toMatch(/history: storing again/);
        expect(await pending(service)).toBe(0);
      },
      { within: 60_000, every: 250 },
    );
    await counted();
    const searched = async (): Promise<unknown> =>
      (await fetch(`${service.url}/api/v1/celery/tasks?limit=1&state=SUCCESS&source=shop`)).json();
    await eventually(async () => expect(await searched()).toMatchObject({ total: added, history: true }), {
      within: 30_000,
      every: 250,
    });
    const survived = added;

    disk.fill();
    for (let rounds = 0; rounds < 5; rounds += 1) await add();
    await counted();
    service.kill();
    disk.clear();
    service = await start();

    await counted();
    await eventually(async () => expect(await searched()).toMatchObject({ total: added, history: true }), {
      within: 30_000,
      every: 250,
    });
    if (process.env.FULL_SECONDS !== undefined) {
      process.stdout.write(
        `full for ${FULL_MS / 1_000} s: ${survived} tasks, none lost; at most ${most} waiting to be stored, counters at most ${behind} ` +
          `behind, the slowest answer ${Math.round(slowest)} ms; killed while full: ${added - survived} tasks told again\n`,
      );
    }
  }, 600_000);
});
