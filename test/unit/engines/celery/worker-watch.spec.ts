import { beforeEach, describe, expect, test } from '@jest/globals';
import type { EngineEvent } from '../../../../src/core/task-event.js';
import type { CeleryWorker } from '../../../../src/engines/celery/celery-worker.js';
import { TaskNotes } from '../../../../src/engines/celery/task-notes.js';
import type { QueueDepth } from '../../../../src/engines/celery/transport/celery-transport.js';
import { UNKNOWN_PID, WorkerBook } from '../../../../src/engines/celery/worker-book.js';
import { WorkerWatch } from '../../../../src/engines/celery/worker-watch.js';

const PERIOD = 2_000;

describe('A watched worker', () => {
  let book: WorkerBook;
  let notes: TaskNotes;
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
    notes = new TaskNotes();
    watch = new WorkerWatch({
      source: { name: 's', engine: 'celery', location: 'l' },
      workers: book,
      notes,
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

  test('whose heart beats but who neither answers nor takes what waits for it has stalled', () => {
    for (let now = 0; now <= 34_000; now += PERIOD) {
      beat(now, 5);
      watch.backlog(depth(3), now);
    }
    worker.unanswered = 3;

    expect(statusAt(34_000)).toBe('stalled');
  });

  test('has stalled also where it goes on telling that it runs what it ran when it became deaf', () => {
    worker.unanswered = 3;
    for (let now = 0; now <= 34_000; now += PERIOD) {
      beat(now, 5, 2);
      watch.backlog(depth(3), now);
    }

    expect(statusAt(34_000)).toBe('stalled');
  });

  test('has stalled also where it has never told its queues, and the life before it had', () => {
    worker = book.heard('w@h', 8, 1, 1, 1);
    for (let now = 2_000; now <= 36_000; now += PERIOD) {
      book.heard('w@h', 8, now, now, now).incarnation.processed = 0;
      worker.incarnation.active = 0;
      watch.backlog(depth(3), now);
    }

    expect(statusAt(36_000)).toBe('stalled');
  });

  test('has not stalled while it may still be waiting to connect again, nor by the heartbeat with which it is back', () => {
    watch.forgive(0, 0);
    for (let now = 0; now <= 31_000; now += PERIOD) watch.backlog(depth(3), now);
    beat(31_000, 0);

    expect(statusAt(31_000)).toBe('online');
  });

  const kindsUntil = (until: number): readonly string[] => {
    const out: EngineEvent[] = [];
    for (let now = 0; now <= until; now += 250) {
      beat(now, 1);
      watch.look(now, now, out);
    }
    return out.map(({ kind }) => kind).filter((kind) => kind !== 'worker-heartbeat');
  };
  const runs = (id: string): void => {
    Object.assign(notes.obtain(id, 0), { started: true, startedAt: 0, incarnation: worker.incarnation });
  };

  test('leaves nothing running when another process takes its name', () => {
    beat(0, 1);
    runs('a');
    book.heard('w@h', 6, 0, 0, 0);
    runs('b');

    // pid 7 speaks again: of the two lives, that of pid 6 is over
    expect(kindsUntil(4_000)).toEqual([]);
    expect(kindsUntil(4_500)).toEqual(['task-lost', 'gap']);
    expect([notes.get('a')?.started, notes.get('b')?.started]).toEqual([true, false]);
  });

  test('leaves nothing running when it has said goodbye and is forgotten', () => {
    runs('a');
    worker.greeted('goodbye', 1, 1);
    const out: EngineEvent[] = [];
    for (const now of [1_000, 900_000, 900_250, 904_500]) watch.look(now, now, out);

    expect(out.map(({ kind }) => kind)).toEqual(['worker-offline', 'task-lost', 'gap']);
    expect(book.get('w@h')).toBeUndefined();
  });

  test('is not called back by an answer that was given before its goodbye, but by a later one', () => {
    worker.greeted('goodbye', 1, 1);
    const heard = (now: number): boolean => book.heard('w@h', UNKNOWN_PID, 0, now, now).saidGoodbye;

    expect([heard(1_000), heard(6_000)]).toEqual([true, false]);
  });

  test('has its three heartbeats again after an outage of ours', () => {
    watch.forgive(60_000, 60_000);

    expect(statusAt(61_000)).toBe('online');
  });
});
