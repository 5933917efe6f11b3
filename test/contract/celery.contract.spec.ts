import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '../../src/core/clock.js';
import type { Capability } from '../../src/core/queue-engine.js';
import { redactor } from '../../src/core/redaction.js';
import { createCeleryEngine } from '../../src/engines/celery/create-celery-engine.js';
import { type CeleryWorkerProcess, startCelerySender, startCeleryWorker } from '../support/celery-worker.js';
import { eventually } from '../support/eventually.js';
import { startRedisServer } from '../support/redis-server.js';
import { type Difference, type EngineDriver, queueEngineContract } from './queue-engine.contract.js';
import { Watched } from './watched.js';

const CAPABILITIES: ReadonlySet<Capability> = new Set<Capability>([
  'revoke-waiting',
  'revoke-active',
  'revoke-signal',
  'task-worker',
  'kept-tasks',
  'peek-queue',
  'drain-queue',
  'shutdown-worker',
  'resize-pool',
  'restart-pool',
  'autoscale',
  'inspect-worker',
  'retry',
  'retry-anew',
  'worker-queues',
  'worker-events',
  'rate-limit',
  'time-limit',
]);

const DIFFERENCES: ReadonlySet<Difference> = new Set<Difference>([
  'waiting-unlisted',
  'attempts-by-time',
  'times-held-by-workers',
  'revoked-by-workers',
]);

const WISHES = ['a', 'b', 'ok', 'bad', 'flaky', 'slow', 'done', 'busy', 'after'];

async function driver(): Promise<EngineDriver> {
  const redis = await startRedisServer();
  const releases = await mkdtemp(join(tmpdir(), 'taskscope-releases-'));
  const application = {
    broker: `${redis.url}/0`,
    results: `${redis.url}/1`,
    environment: { RELEASES: releases, WISHES: WISHES.join(','), SENT_EVENTS: '1' },
  };
  const sender = startCelerySender(application);
  const workers = new Map<string, CeleryWorkerProcess>();
  const watched = new Watched(
    createCeleryEngine({
      source: { name: 'test', engine: 'celery', location: 'test' },
      url: application.broker,
      clock: new SystemClock(),
      redact: redactor(),
      overrides: { results: application.results },
      resultLatency: () => undefined,
    }),
  );
  return {
    watched,
    enqueue: (queue, { name, delayMs, priority, ...wish }) => {
      const options = {
        queue,
        ...(delayMs === undefined ? {} : { countdown: delayMs / 1000 }),
        ...(priority === undefined ? {} : { priority }),
      };
      return sender.send({ name, kwargs: wish, options });
    },
    work: async (queue) => {
      if (workers.has(queue)) return;
      workers.set(
        queue,
        startCeleryWorker({
          ...application,
          name: queue,
          queues: [queue],
          concurrency: 1,
          // A newcomer that must know what was revoked asks its neighbours. The others do not talk to each other: after a restart of
          // Redis, Celery 5.2 that does may hang for ever.
          mingle: queue === 'never',
          args: ['--without-gossip'],
        }),
      );
      await eventually(
        async () => {
          const found = (await watched.look()).workers.find(({ name }) => name === `${queue}@test`);
          if (found?.queues?.[0] !== queue) throw new Error(`expected a worker of ${queue}`);
        },
        { within: 20_000 },
      );
    },
    release: (id) => writeFile(join(releases, id), ''),
    pause: null,
    taskName: (_queue, name) => name,
    restartBroker: () => redis.restart(),
    end: async () => {
      await watched.engine.stop();
      await sender.stop();
      await Promise.all([...workers.values()].map((worker) => worker.stop()));
      await redis.stop();
      await rm(releases, { recursive: true, force: true });
    },
  };
}

queueEngineContract('celery over Redis', driver, CAPABILITIES, DIFFERENCES);
