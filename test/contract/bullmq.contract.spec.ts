import type { Capability } from '../../src/core/queue-engine.js';
import { BULLMQ_MAJORS, BullmqApp, type BullmqMajor, type TaskData } from '../support/bullmq-app.js';
import { bullmqEngine } from '../support/bullmq-watched.js';
import { startRedisServer } from '../support/redis-server.js';
import { type EngineDriver, queueEngineContract } from './queue-engine.contract.js';
import { Watched } from './watched.js';

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
  'retry-anew',
  'promote',
  'remove',
  'change-delay',
  'change-priority',
  'pause-queue',
  'clean-queue',
  'drain-queue',
  'obliterate-queue',
  'remove-schedule',
  'run-schedule',
  'edit-schedule',
  'peek-queue',
]);

function hideSecrets(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null).replaceAll('hunter2', '***'));
}

async function driverOf(major: BullmqMajor): Promise<EngineDriver> {
  const redis = await startRedisServer();
  const app = new BullmqApp(redis.port, major);
  const watched = new Watched(bullmqEngine(redis.url, { redact: hideSecrets }));
  const working = new Set<string>();
  return {
    watched,
    enqueue: async (queue, { name, delayMs, attempts, priority, ...data }) => {
      const wish: TaskData = data;
      const options = {
        ...(delayMs === undefined ? {} : { delay: delayMs }),
        ...(attempts === undefined ? {} : { attempts }),
        ...(priority === undefined ? {} : { priority }),
      };
      return `${queue}:${await app.add(queue, wish, options, name)}`;
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

for (const major of BULLMQ_MAJORS) queueEngineContract(`BullMQ ${major}`, () => driverOf(major), CAPABILITIES);
