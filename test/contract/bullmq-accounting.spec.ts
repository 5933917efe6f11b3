import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { BullmqApp, type BullmqMajor } from '../support/bullmq-app.js';
import { bullmqEngine } from '../support/bullmq-watched.js';
import { eventually } from '../support/eventually.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { Watched } from './watched.js';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function server(): Promise<RedisServer> {
  const redis = await startRedisServer({ args: ['--appendonly', 'no'] });
  endings.push(() => redis.stop());
  return redis;
}

async function watch(redis: RedisServer): Promise<Watched> {
  const watched = new Watched(bullmqEngine(redis.url));
  endings.push(() => watched.engine.stop());
  await watched.connected();
  return watched;
}

function appOn(redis: RedisServer): BullmqApp {
  const app = new BullmqApp(redis.port, 6);
  endings.push(() => app.close());
  return app;
}

async function worker(
  redis: RedisServer,
  queue: string,
  metrics: boolean,
  major: BullmqMajor = 6,
): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('../support/bullmq-worker.mjs', import.meta.url));
  const child = fork(program, [String(major), String(redis.port), queue, '50', metrics ? 'metrics' : ''], {
    execArgv: [],
  });
  endings.push(() => void child.kill('SIGKILL'));
  await new Promise((resolve) => child.once('message', resolve));
  return child;
}

/** The whole process stands still, as under a debugger, a long garbage collection or a suspended machine. */
function freeze(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function counted(watched: Watched, kind: 'task-succeeded' | 'task-failed'): number {
  const outcome = kind === 'task-succeeded' ? 'success' : 'failure';
  const reconciled = watched.reconciled().filter((event) => event.outcome === outcome);
  return watched.distinct(kind) + reconciled.reduce((sum, event) => sum + event.count, 0);
}

function missed(watched: Watched): number {
  return watched.gaps().reduce((sum, gap) => sum + (gap.missed ?? Number.NaN), 0);
}

async function frozenRun(
  tasks: number,
  metrics: boolean,
  options: { readonly removeOnComplete: boolean; readonly removeOnFail: boolean },
  frozenMs = 6_000,
): Promise<Watched> {
  const redis = await server();
  const app = appOn(redis);
  const watched = await watch(redis);
  const queue = app.queue('train');
  await queue.pause();
  await watched.knows('train');
  const jobs = Array.from({ length: tasks }, (_, n) => ({
    name: n % 2 ? 'odd' : 'even',
    data: n % 20 === 0 ? { n, fail: 'no' } : { n },
    opts: options,
  }));
  // In step with the reader: what is written faster than one process can both write and read is not this test's matter.
  for (let from = 0; from < tasks; from += 1_000) {
    await queue.addBulk(jobs.slice(from, from + 1_000));
    await eventually(() => expect(watched.tasks('task-sent').length).toBe(from + 1_000), { within: 10_000 });
  }
  await Promise.all([worker(redis, 'train', metrics), worker(redis, 'train', metrics)]);

  await queue.resume();
  await eventually(() => expect(watched.distinct('task-succeeded')).toBeGreaterThan(200), { within: 10_000 });
  freeze(frozenMs);
  await eventually(async () => expect(await queue.getJobCountByTypes('wait', 'active')).toBe(0), { within: 30_000 });
  await eventually(
    () => {
      expect(watched.gaps().length).toBeGreaterThan(0);
      expect(
        counted(watched, 'task-succeeded') + counted(watched, 'task-failed') + missed(watched),
      ).toBeGreaterThanOrEqual(tasks);
    },
    { within: 15_000 },
  );
  return watched;
}

describe('A reader that stood still while more was written than the streams keep', () => {
  test('counts 20 000 tasks exactly where the workers keep totals, and says that it was away', async () => {
    const watched = await frozenRun(20_000, true, { removeOnComplete: true, removeOnFail: true }, 10_000);

    expect(counted(watched, 'task-succeeded')).toBe(19_000);
    expect(counted(watched, 'task-failed')).toBe(1_000);
    // What is left unknown is how many attempts were repeated. A failure writes two entries, which could also have been a retry's.
    expect(missed(watched)).toBeLessThanOrEqual(1_000 / 2 + 10);
  });

  test('counts exactly what is still kept, with names, where nobody keeps totals', async () => {
    const watched = await frozenRun(8_000, false, { removeOnComplete: false, removeOnFail: false });

    expect(watched.distinct('task-succeeded')).toBe(7_600);
    expect(watched.distinct('task-failed')).toBe(400);
    expect(watched.reconciled()).toEqual([]);
  });

  test('numbers what it cannot know where nothing is kept', async () => {
    const watched = await frozenRun(8_000, false, { removeOnComplete: true, removeOnFail: true });

    const known = counted(watched, 'task-succeeded') + counted(watched, 'task-failed');
    expect(missed(watched) - (8_000 - known)).toBeGreaterThanOrEqual(0);
    expect(missed(watched) - (8_000 - known)).toBeLessThanOrEqual(400 / 2 + 10);
    expect(watched.gaps().every((gap) => gap.exactness === 'at_most')).toBe(true);
  });
});
