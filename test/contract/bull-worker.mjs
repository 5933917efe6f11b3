// A process of an ordinary Bull application: node bull-worker.mjs <url> <queue> <concurrency>. With concurrency 0 it only adds the jobs that
// its parent sends. Ends with its parent.
import Bull from 'bull';

const [url, name, concurrency] = process.argv.slice(2);
const queue = new Bull(name, url, {
  settings: { lockDuration: 5_000, stalledInterval: 2_000, retryProcessDelay: 200 },
});
queue.on('error', () => undefined); // tests take Redis away
const run = async (job) => {
  if (job.data.fail && job.attemptsMade < (job.data.failures ?? Infinity)) throw new TypeError(job.data.fail);
  return { n: job.data.n };
};
if (Number(concurrency) > 0) void queue.process('*', Number(concurrency), run);
process.on('message', (jobs) => void queue.addBulk(jobs));
process.on('disconnect', () => process.exit());
await queue.isReady();
process.send?.('ready');
