import { beforeEach, describe, expect, test } from '@jest/globals';
import { Clock } from '../../../src/core/clock.js';
import type { WorkerLife } from '../../../src/core/history-store.js';
import type { Worker } from '../../../src/core/worker.js';
import { WorkerLives } from '../../../src/history/worker-lives.js';
import type { SourceView } from '../../../src/queue-inspector/source-view.js';
import { aSnapshot, aWorker, NOON } from '../../support/builders.js';

class HandClock extends Clock {
  at = NOON;

  override now(): number {
    return this.at;
  }

  override monotonic(): number {
    return this.at;
  }
}

const VIEW: SourceView = {
  source: { name: 'bull', engine: 'bull', location: 'redis://here' },
  status: { connection: 'connected', since: NOON, lastAnswerAt: NOON, problem: null },
  capabilities: new Set(),
  cost: { connections: 0, commands: 0, bytesRead: 0, reconnects: 0 },
  broker: null,
  sendable: [],
  snapshot: aSnapshot(),
  problem: null,
  pollMs: 1,
};

describe('the lives of workers', () => {
  let clock: HandClock;
  let lives: WorkerLives;
  let workers: readonly Worker[];

  beforeEach(() => {
    clock = new HandClock();
    workers = [];
    lives = new WorkerLives({ views: () => [VIEW], workersOf: () => workers }, clock);
  });

  /** What is told by the look ten seconds later, at which the workers are these. */
  function look(...seen: readonly Partial<Worker>[]): readonly WorkerLife[] {
    clock.at += 10_000;
    workers = seen.map((said) => aWorker({ pid: 7, lastSeenAt: clock.at, ...said }));
    return lives.take();
  }

  test('are told when they begin and end, and once a minute in between', () => {
    expect(look({})).toMatchObject([{ name: 'worker-1', pid: 7, since: clock.at, endedAt: null }]);
    expect(look({})).toEqual([]);
    for (let times = 0; times < 4; times += 1) look({});
    expect(look({})).toMatchObject([{ seenAt: clock.at, endedAt: null }]);
    expect(look({ status: 'lost', lastSeenAt: clock.at })).toMatchObject([
      { ended: 'lost', endedAt: clock.at - 10_000 },
    ]);
    expect(look({ status: 'lost' })).toEqual([]);
  });

  test('go on where a worker that was lost is heard of again', () => {
    const [born] = look({});
    look({ status: 'lost' });

    expect(look({})).toMatchObject([{ since: born?.since, endedAt: null, ended: null }]);
  });

  test('are two where another process takes the name, or where one says goodbye and comes back', () => {
    const [born] = look({});

    expect(look({ pid: 8 })).toMatchObject([
      { since: born?.since, pid: 7, ended: 'replaced' },
      { since: clock.at, pid: 8, ended: null },
    ]);
    expect(look({ pid: 8, startedAt: NOON })).toEqual([]);
    look({ pid: 8, startedAt: NOON, status: 'offline' });
    expect(look({ pid: 8, startedAt: NOON })).toMatchObject([{ since: clock.at, ended: null }]);
  });

  test('of an earlier run end as lost where nobody has returned within a minute', () => {
    const [born] = look({});
    const later = new WorkerLives({ views: () => [VIEW], workersOf: () => [] }, clock);
    if (born !== undefined) later.continue([born]);

    clock.at += 50_000;
    expect(later.take()).toEqual([]);
    clock.at += 20_000;
    expect(later.take()).toMatchObject([{ since: born?.since, ended: 'lost', endedAt: born?.seenAt }]);
  });
});
