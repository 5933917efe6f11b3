import { beforeEach, describe, expect, test } from '@jest/globals';
import type { EngineEvent } from '../../../../src/core/task-event.js';
import type { CeleryWorker } from '../../../../src/engines/celery/celery-worker.js';
import { TaskNotes } from '../../../../src/engines/celery/task-notes.js';
import type { QueueDepth } from '../../../../src/engines/celery/transport/celery-transport.js';
import { WorkerBook } from '../../../../src/engines/celery/worker-book.js';
import { WorkerWatch } from '../../../../src/engines/celery/worker-watch.js';

const PERIOD = 2_000;

describe('A watched worker', () => {
  let book: WorkerBook;
  let watch: WorkerWatch;
  let worker: CeleryWorker;
  const asked: string[] = [];

  const beat = (now: number, processed: number, active = 0): void => {
    worker = book.heard('w@h', 7, now, now, now);
    worker.heartbeatSeconds = 2;
    worker.incarnation.processed = processed;
    worker.incarnation.active = active;
  };
  const depth = (length: number): readonly QueueDepth[] => [
    { name: 'celery', length, byPriority: null, unacknowledged: null, consumers: null },
  ];
  const statusAt = (now: number): string => book.status(worker, now);

  beforeEach(() => {
    asked.length = 0;
    book = new WorkerBook();
    watch = new WorkerWatch({
      source: { name: 's', engine: 'celery', location: 'l' },
      workers: book,
      notes: new TaskNotes(),
      provedGone: (silent) => {
        asked.push(...silent);
        return Promise.resolve(silent);
      },
      control: true,
    });
    beat(0, 0);
    worker.replies.queues = { at: 0, value: [{ name: 'celery', exchange: '', routingKey: 'celery' }] };
  });

  test('is online, then suspect, then lost after three heartbeats', () => {
    expect([1, 3_200, 3_300, 6_200, 6_300].map(statusAt)).toEqual(['online', 'online', 'suspect', 'suspect', 'lost']);
  });

  test('is told once per change of status', () => {
    const out: EngineEvent[] = [];
    for (let now = 0; now <= 8_000; now += 250) watch.look(now, now, out);

    expect(
      out.map((event) => ('worker' in event && typeof event.worker === 'object' ? event.worker?.status : null)),
    ).toEqual(['online', 'suspect', 'lost']);
  });

  test('has stalled when work waits, its heart beats and nothing happens', () => {
    for (let now = 0; now <= 34_000; now += PERIOD) {
      beat(now, 5);
      watch.backlog(depth(3), now);
    }

    expect(statusAt(34_000)).toBe('stalled');
  });

  test.each([
    ['nothing waits', 0, 0, 0],
    ['it begins tasks', 3, 1, 0],
    ['it runs a long task', 3, 0, 1],
  ])('has not stalled while %s', (_why, waiting, begins, active) => {
    for (let now = 0; now <= 60_000; now += PERIOD) {
      beat(now, now * begins, active);
      watch.backlog(depth(waiting), now);
    }

    expect(statusAt(60_000)).toBe('online');
  });

  test('whose heart beats but who answers nothing is silent, and nobody asks the broker about it', async () => {
    beat(10_000, 0);
    worker.unanswered = 3;

    await watch.askBroker(10_000, AbortSignal.timeout(100));

    expect(statusAt(10_000)).toBe('silent');
    expect(asked).toEqual([]);
  });

  test('has its three heartbeats again after an outage of ours', () => {
    watch.forgive(60_000, 60_000);

    expect(statusAt(61_000)).toBe('online');
  });
});
