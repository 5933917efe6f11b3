import type { Capability } from '../../src/core/queue-engine.js';
import { startRedisServer } from '../support/redis-server.js';
import { BullApp, type BullMajor, type TaskData } from './bull-app.js';
import { type EngineDriver, queueEngineContract } from './queue-engine.contract.js';
import { watchBull } from './watched.js';

const CAPABILITIES: ReadonlySet<Capability> = new Set<Capability>([
  'revoke-waiting',
  'revoke-active',
  'revoke-signal',
  'find-by-id',
  'queue-age',
  'task-worker',
  'kept-tasks',
  'schedules',
  'task-logs',
  'retry',
  'promote',
  'remove',
  'pause-queue',
  'clean-queue',
  'drain-queue',
  'obliterate-queue',
  'remove-schedule',
  'run-schedule',
  'peek-queue',
]);

function hideSecrets(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null).replaceAll('hunter2', '***'));
}

async function driverOf(major: BullMajor): Promise<EngineDriver> {
  const redis = await startRedisServer();
  const app = new BullApp(redis.url, major);
  const watched = watchBull(redis.url, { redact: hideSecrets });
  const working = new Set<string>();
  return {
    watched,
    enqueue: async (queue, { name, delayMs, attempts, priority, ...data }) => {
      const wish: TaskData = data;
      const jobId = await app.add(
        queue,
        wish,
        {
          ...(delayMs === undefined ? {} : { delay: delayMs }),
          ...(attempts === undefined ? {} : { attempts }),
          ...(priority === undefined ? {} : { priority }),
        },
        name,
      );
      return `${queue}:${jobId}`;
    },
    work: async (queue) => {
      if (working.has(queue)) return;
      working.add(queue);
      await app.work(queue);
    },
    release: (id) => {
      const colon = id.lastIndexOf(':');
      return app.release(id.slice(0, colon), id.slice(colon + 1));
    },
    pause: (queue) => app.queue(queue).pause(),
    taskName: (queue, name) => `${queue}.${name}`,
    restartBroker: () => redis.restart(),
    end: async () => {
      await watched.engine.stop();
      await app.close();
      await redis.stop();
    },
  };
}

for (const major of [4, 3] as const) queueEngineContract(`bull ${major}`, () => driverOf(major), CAPABILITIES);
