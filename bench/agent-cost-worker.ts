// One measured worker: node agent-cost-worker.js <redis url> <yes|no agent> <jobs> <jobs a second, 0 for as fast as it can>
import { setTimeout as sleep } from 'node:timers/promises';
import Bull from 'bull';
import { createAgent } from '../agent/agent.js';

const [, , url = '', withAgent = 'no', jobs = '0', rate = '0'] = process.argv;
const count = Number(jobs);
const perSecond = Number(rate);
const queue = new Bull(`cost-${withAgent}-${rate}`, url);
const agent = withAgent === 'yes' ? createAgent().instrument(queue) : null;

/** Adding is part of the measured process in both cases, so it cancels out. */
async function add(): Promise<void> {
  const job = { data: { n: 1 }, opts: { removeOnComplete: true } };
  if (perSecond === 0) {
    for (let added = 0; added < count; added += 1000)
      await queue.addBulk(Array.from({ length: Math.min(1000, count - added) }, () => job));
    return;
  }
  const perTick = Math.max(1, Math.round(perSecond / 10));
  for (let added = 0; added < count; added += perTick) {
    await queue.addBulk(Array.from({ length: perTick }, () => job));
    await sleep(100);
  }
}

/** Connecting and compiling come once in a worker's life: the first fifth is not measured. */
const warmUp = count / 5;
let cpu = process.cpuUsage();
let began = performance.now();
let done = 0;
const finished = new Promise<void>((resolve) => {
  queue.on('completed', () => {
    done += 1;
    if (done === warmUp) {
      cpu = process.cpuUsage();
      began = performance.now();
    }
    if (done === count) resolve();
  });
});
await queue.isReady();
if (perSecond === 0) await add();
const loops = queue.process(8, async () => ({ ok: true }));
loops.catch((problem: Error) => {
  throw problem;
});
if (perSecond !== 0) await add();
await finished;
const seconds = (performance.now() - began) / 1000;
const measured = count - warmUp;
const { user, system } = process.cpuUsage(cpu);
const cpuSeconds = (user + system) / 1e6;
globalThis.gc?.();
// Resident memory differs by 30 MB from run to run with the moment of the last collection; what is in use does not.
const { heapUsed, external } = process.memoryUsage();
const memoryBytes = heapUsed + external;
const figures = {
  jobsPerSecond: measured / seconds,
  cpuPercent: (cpuSeconds / seconds) * 100,
  cpuPerJobUs: (cpuSeconds / measured) * 1e6,
  memoryBytes,
};
await queue.close();
await agent?.close();
process.stdout.write(JSON.stringify(figures));
