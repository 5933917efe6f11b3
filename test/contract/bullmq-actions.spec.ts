import { Redis } from 'ioredis';
import { BULLMQ_MAJORS, BullmqApp, type BullmqMajor } from '../support/bullmq-app.js';
import { bullmqEngine } from '../support/bullmq-watched.js';
import { startRedisServer } from '../support/redis-server.js';
import { type JobActionsDriver, jobActionsContract } from './job-actions.contract.js';
import { Watched } from './watched.js';

async function driverOf(major: BullmqMajor): Promise<JobActionsDriver> {
  const redis = await startRedisServer();
  const app = new BullmqApp(redis.port, major);
  const raw = new Redis(redis.port, { maxRetriesPerRequest: null });
  const watched = new Watched(bullmqEngine(redis.url));
  return {
    watched,
    raw,
    add: (queue, data = {}, options = {}) => app.add(queue, { ...data }, { ...options }),
    work: async (queue) => void (await app.work(queue)),
    release: (queue, jobId) => app.release(queue, jobId),
    state: async (queue, jobId) => (await (await app.queue(queue).getJob(jobId))?.getState()) ?? null,
    counts: (queue) => app.queue(queue).getJobCounts('wait', 'prioritized', 'delayed', 'completed', 'failed'),
    pause: (queue) => app.queue(queue).pause(),
    resume: (queue) => app.queue(queue).resume(),
    isPaused: (queue) => app.queue(queue).isPaused(),
    repeat: async (queue) => {
      const its = app.queue(queue);
      if (major === 6) {
        await its.upsertJobScheduler(
          'hourly',
          { every: 3_600_000, offset: 1_800_000 },
          { name: 'tick', data: { result: 'repeated' } },
        );
        return;
      }
      const repeat: object = { repeat: { pattern: '59 23 31 12 *' } };
      await its.add('tick', { result: 'repeated' }, repeat);
    },
    scheduler: async (queue) => {
      if (major === 4) return false;
      const every = { every: 3_600_000, offset: 1_800_000 };
      await app.queue(queue).upsertJobScheduler('edited', every, { name: 'tick', data: {} });
      return true;
    },
    schedules: (queue) => raw.zcard(`bull:${queue}:repeat`),
    countsAnew: major > 4,
    end: async () => {
      await watched.engine.stop();
      raw.disconnect();
      await app.close();
      await redis.stop();
    },
  };
}

for (const major of BULLMQ_MAJORS) jobActionsContract(`BullMQ ${major}`, () => driverOf(major));
