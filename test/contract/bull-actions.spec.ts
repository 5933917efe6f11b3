import { Redis } from 'ioredis';
import { startRedisServer } from '../support/redis-server.js';
import { BullApp, type BullMajor } from './bull-app.js';
import { type JobActionsDriver, jobActionsContract } from './job-actions.contract.js';
import { watchBull } from './watched.js';

async function driverOf(major: BullMajor): Promise<JobActionsDriver> {
  const redis = await startRedisServer();
  const app = new BullApp(redis.url, major);
  const raw = new Redis(redis.port, { maxRetriesPerRequest: null });
  const watched = watchBull(redis.url);
  return {
    watched,
    raw,
    add: (queue, data = {}, options = {}) => app.add(queue, { ...data }, { ...options }),
    work: async (queue) => void (await app.work(queue)),
    release: (queue, jobId) => app.release(queue, jobId),
    state: async (queue, jobId) => (await (await app.queue(queue).getJob(jobId))?.getState()) ?? null,
    counts: async (queue) => ({ ...(await app.queue(queue).getJobCounts()) }),
    pause: (queue) => app.queue(queue).pause(),
    resume: (queue) => app.queue(queue).resume(),
    isPaused: (queue) => app.queue(queue).isPaused(),
    repeat: async (queue) =>
      void (await app.queue(queue).add('a:tick', { result: 'repeated' }, { repeat: { cron: '59 23 31 12 *' } })),
    scheduler: async () => false,
    schedules: (queue) => raw.zcard(`bull:${queue}:repeat`),
    countsAnew: false,
    end: async () => {
      await watched.engine.stop();
      raw.disconnect();
      await app.close();
      await redis.stop();
    },
  };
}

for (const major of [3, 4] as const) jobActionsContract(`Bull ${major}`, () => driverOf(major));
