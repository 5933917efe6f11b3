import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { startCeleryWatch } from '../support/celery-watch.js';
import { startCelerySender, startCeleryWorker } from '../support/celery-worker.js';
import { eventually } from '../support/eventually.js';
import { startRedisServer } from '../support/redis-server.js';

const BOOTSTEP = fileURLToPath(new URL('../../agent/celery/', import.meta.url));
const PATIENT = { within: 20_000, every: 100 } as const;

test('a Celery worker with the bootstep tells what it and its pool cost, across a restart of the broker', async () => {
  const redis = await startRedisServer();
  const broker = `${redis.url}/0`;
  const watch = startCeleryWatch({ broker });
  const sender = startCelerySender({ broker });
  const environment = { BOOTSTEP, TASKSCOPE_INTERVAL_SECONDS: '0.5' };
  const worker = startCeleryWorker({ broker, environment, name: 'w', concurrency: 2, args: ['--without-gossip'] });
  const resources = async () => {
    const found = (await watch.inspect()).workers[0];
    expect(found).toMatchObject({ agent: true, resources: { processType: 'celery_worker', processCount: 3 } });
    if (!found?.resources) throw new Error('expected resources');
    return found.resources;
  };
  try {
    const idle = await eventually(resources, PATIENT);

    const id = await sender.send({ name: 'tasks.burn', args: [64] });

    await eventually(async () => {
      const busy = await resources();
      expect(busy.cpuPercent).toBeGreaterThan(20);
      expect(busy.memoryBytes).toBeGreaterThan(idle.memoryBytes + 60 * 1024 * 1024);
      expect(busy.diskWriteBytes).toBeGreaterThanOrEqual((idle.diskWriteBytes ?? 0) + 1024 * 1024);
    }, PATIENT);
    await watch.event(id, 'task-succeeded', 20_000);
    await redis.restart();
    const { measuredAt } = await eventually(resources, PATIENT);
    await eventually(async () => expect((await resources()).measuredAt).toBeGreaterThan(measuredAt + 2_000), PATIENT);
  } finally {
    await sender.stop();
    await worker.stop();
    await watch.stop();
    await redis.stop();
  }
}, 90_000);
