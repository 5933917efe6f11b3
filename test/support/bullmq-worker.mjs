// A worker process of an ordinary BullMQ application: node bullmq-worker.mjs <major> <port> <queue> <concurrency> <metrics>. Ends with its parent.
import { createRequire } from 'node:module';

const [major, port, name, concurrency, metrics] = process.argv.slice(2);
const { Worker } = createRequire(import.meta.url)(`bullmq${major}`);
const worker = new Worker(
  name,
  async (job) => {
    if (job.data.fail && (job.attemptsMade ?? 0) < (job.data.failures ?? Infinity)) throw new TypeError(job.data.fail);
    return { n: job.data.n };
  },
  {
    connection: { host: '127.0.0.1', port: Number(port), maxRetriesPerRequest: null },
    concurrency: Number(concurrency),
    ...(metrics === 'metrics' ? { metrics: { maxDataPoints: 60 } } : {}),
  },
);
worker.on('error', () => undefined); // tests take Redis away
process.on('disconnect', () => process.exit());
await worker.waitUntilReady();
process.send?.('ready');
