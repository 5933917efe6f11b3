import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { fieldsOf } from '../../src/engines/celery/json-fields.js';
import { type CeleryWatch, startCeleryWatch } from '../support/celery-watch.js';
import {
  type CelerySender,
  type CeleryWorkerProcess,
  startCelerySender,
  startCeleryWorker,
} from '../support/celery-worker.js';
import { eventually } from '../support/eventually.js';
import { startRabbitServer } from '../support/rabbitmq-server.js';
import { startRedisServer } from '../support/redis-server.js';

const PATIENT = { within: 120_000, every: 100 } as const;

interface Broker {
  readonly url: string;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Sends without an end, also while the broker is away: what is refused then is sent again. */
function load(sender: CelerySender): { stop(): Promise<void> } {
  let going = true;
  const running = (async () => {
    while (going) {
      await sender.sendMany({ name: 'tasks.mark', args: [0.02], times: 4 });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  return {
    stop: () => {
      going = false;
      return running;
    },
  };
}

const CONCURRENCY = 2;
/** Longer than Taskscope needs to tell how much an outage has cost. */
const STALLED_AFTER_MS = 20_000;

interface OperatedWorker {
  /** Tasks begun in all its lives, by the worker's own count. */
  begun(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * A worker and its operator, who starts it anew when Taskscope says that it has stalled, and for no other reason: until 5.4 Celery's Redis
 * transport may lose its polling when it connects again.
 */
function operated(watch: CeleryWatch, start: () => CeleryWorkerProcess): OperatedWorker {
  let worker = start();
  let earlier = 0;
  let replaced: number | null = null;
  let work: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    const told = watch.worker(worker.name);
    // Of one that has been replaced already nothing new may have been heard yet.
    if (told?.status !== 'stalled' || told.pid === replaced) return;
    replaced = told.pid;
    earlier += told.processed ?? Number.NaN;
    await worker.stop();
    worker = start();
  };
  const timer = setInterval(() => {
    work = work.then(look);
  }, 1_000);
  return {
    begun: async () => {
      const { statistics } = await watch.engine.inspectWorker(worker.name, AbortSignal.timeout(5_000));
      return earlier + Number(fieldsOf(statistics?.total)?.['tasks.mark']);
    },
    stop: async () => {
      clearInterval(timer);
      await work;
      await worker.stop();
    },
  };
}

const RESTARTS = 5;

test.each([
  [RESTARTS, 'Redis', async (): Promise<Broker> => startRedisServer()],
  [RESTARTS, 'RabbitMQ', async (): Promise<Broker> => startRabbitServer()],
])(
  '%i restarts of %s under load: every run is counted, or told in a gap by its number',
  async (restarts, _name, start) => {
    const broker = await start();
    const dir = await mkdtemp(join(tmpdir(), 'taskscope-marks-'));
    const marks = join(dir, 'marks');
    await writeFile(marks, '');
    const application = { broker: broker.url, environment: { MARKS: marks } };
    const watch = startCeleryWatch({ broker: broker.url, engine: { stalledAfterMs: STALLED_AFTER_MS } });
    const sender = startCelerySender(application);
    const worker = operated(watch, () =>
      startCeleryWorker({ ...application, name: 'w', concurrency: CONCURRENCY, args: ['--without-gossip'] }),
    );
    const runs = async (): Promise<readonly string[]> => (await readFile(marks, 'utf8')).split('\n').filter(Boolean);
    try {
      await watch.workerIs('w@test', 'online', 60_000);
      for (let restart = 0; restart < restarts; restart += 1) {
        const before = (await runs()).length;
        const sending = load(sender);
        await eventually(async () => expect((await runs()).length).toBeGreaterThan(before + 4), PATIENT);
        await broker.restart();
        await eventually(() => expect(watch.engine.status().connection).toBe('connected'), PATIENT);
        const back = (await runs()).length;
        await eventually(async () => expect((await runs()).length).toBeGreaterThan(back + 4), PATIENT);
        await sending.stop();
      }
      await eventually(
        async () => {
          const look = await watch.inspect();
          expect(look.queues[0]).toMatchObject({ length: 0 });
          expect(look.active.total).toBe(0);
          expect(watch.gaps().filter(({ exactness }) => exactness === 'unknown')).toEqual([]);
          const missed = watch.gaps().reduce((sum, gap) => sum + (gap.missed ?? Number.NaN), 0);
          const counted = await worker.begun();
          expect(watch.count('task-succeeded') + missed).toBe(counted);
          // What Celery had handed to a process when its connection broke runs on, and is counted by nobody, the worker itself included.
          const uncounted = (await runs()).length - counted;
          expect(uncounted).toBeGreaterThanOrEqual(0);
          expect(uncounted).toBeLessThanOrEqual(restarts * CONCURRENCY);
        },
        { within: 100_000, every: 500 },
      );
    } finally {
      await sender.stop();
      await worker.stop();
      await watch.stop();
      await broker.stop();
      await rm(dir, { recursive: true, force: true });
    }
  },
  600_000,
);
