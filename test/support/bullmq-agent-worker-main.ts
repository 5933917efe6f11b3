// The program of a worker process: see bullmq-agent-worker.ts.
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Job } from 'bullmq6';
import { cancellable, createAgent } from '../../agent/agent.js';

const [, , major = '', port = '', queueName = '', concurrency = '1', agentRedis = '', locks = 'fast'] = process.argv;
type Library = typeof import('bullmq6');
const { DelayedError, UnrecoverableError, WaitingChildrenError, Worker }: Library = createRequire(import.meta.url)(
  `bullmq${major}`,
);

class QuotaExceeded extends Error {}

const connection = { host: '127.0.0.1', port: Number(port), maxRetriesPerRequest: null };
/** Fast locks, so that a killed worker's jobs are found stalled within a second; and none is forgiven. Else the library's own settings. */
const fast = { lockDuration: 1_000, stalledInterval: 400, maxStalledCount: 0 };
const options = {
  connection,
  concurrency: Number(concurrency),
  ...(locks === 'fast' ? fast : {}),
  runRetryDelay: 100,
  drainDelay: 1,
};

const obedient = cancellable(async (job: Job<{ ms: number }>, signal) => sleep(job.data.ms, undefined, { signal }));

const run = async (job: Job, token?: string): Promise<unknown> => {
  switch (job.name) {
    case 'ok':
      return job.data;
    case 'fail':
      throw new TypeError('never works');
    case 'retry':
      if (Number(job.data.failed ?? 0) >= 2) return null;
      await job.updateData({ failed: Number(job.data.failed ?? 0) + 1 });
      throw new QuotaExceeded('later');
    case 'hopeless':
      throw new UnrecoverableError('no use');
    case 'patient': {
      if (job.data.waited) return null;
      await job.updateData({ waited: true });
      await job.moveToDelayed(Date.now() + 50, token);
      throw new DelayedError();
    }
    case 'limited': {
      if (job.data.waited) return null;
      await job.updateData({ waited: true });
      await worker.rateLimit(50);
      throw Worker.RateLimitError();
    }
    case 'parent': {
      if (await job.moveToWaitingChildren(token ?? '')) throw new WaitingChildrenError();
      return null;
    }
    case 'slow':
      return sleep(job.data.ms);
    default:
      return obedient(job);
  }
};
const worker = new Worker(queueName, run, options);
// The third parameter is what makes the library hand over a signal of its own.
const signalled = new Worker(
  `${queueName}-signalled`,
  async (job: Job, _token?: string, signal?: AbortSignal) => sleep(job.data.ms, undefined, signal ? { signal } : {}),
  { connection },
);
const sandboxed = fileURLToPath(new URL('bullmq-agent-sandboxed.cjs', import.meta.url));
const boxed = new Worker(`${queueName}-boxed`, sandboxed, { connection });
const workers = [worker, signalled, boxed];

const agent =
  agentRedis === ''
    ? null
    : createAgent({
        redis: agentRedis,
        heartbeatMs: 300,
        resourcesIntervalMs: 500,
        log: (line) => process.send?.({ log: line }),
      });
for (const its of workers) {
  agent?.instrument(its);
  its.on('error', () => undefined); // tests take Redis away
}

process.on('message', () => void close());
process.once('disconnect', () => process.exit(1));
async function close(): Promise<void> {
  await Promise.all(workers.map((its) => its.close()));
  await agent?.close();
  process.exit(0);
}

await Promise.all(workers.map((its) => its.waitUntilReady()));
process.send?.({ ready: true });
