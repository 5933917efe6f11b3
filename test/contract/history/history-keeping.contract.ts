import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { HistoryStore } from '../../../src/core/history-store.js';
import type { TaskState } from '../../../src/core/task.js';
import { NOON } from '../../support/builders.js';
import { aStoredTask } from '../../support/history.js';
import { batch, MINUTE, MIXED, type StoreUnderTest } from './history-records.js';

export function historyKeepingContract(name: string, start: () => Promise<StoreUnderTest>): void {
  describe(`what the history in ${name} goes on with, and what it lets go`, () => {
    let database: StoreUnderTest;
    let store: HistoryStore;

    beforeEach(async () => {
      database = await start();
      ({ store } = await database.open());
    }, 60_000);

    afterEach(() => store.close());

    test('continues counters, positions and gaps with the next start', async () => {
      const gap = {
        source: 'bull',
        from: NOON,
        to: NOON + 5,
        queue: 'mail',
        reason: 'overrun',
        missed: 3,
        exactness: 'at_most',
      } as const;
      await store.append(
        batch({
          at: NOON + 1,
          ledger: [
            { key: 'a{x}', numbers: [1] },
            { key: 'b', numbers: [0.5, 2, 3] },
          ],
          positions: [{ source: 'bull', position: { stream: '5-1' } }],
          gaps: [{ ...gap, number: 1 }],
        }),
      );
      await store.append(
        batch({
          at: NOON + 2,
          ledger: [{ key: 'a{x}', numbers: [9] }],
          positions: [{ source: 'bull', position: { stream: '6-0' } }],
          gaps: [{ ...gap, number: 2, queue: null, missed: null, exactness: 'unknown' }],
        }),
      );
      await store.close();

      const reopened = await database.open();
      store = reopened.store;

      const { state } = reopened;
      expect(state).toMatchObject({
        storedAt: NOON + 2,
        positions: [{ source: 'bull', position: { stream: '6-0' } }],
        gaps: [
          { number: 2, queue: null, missed: null, exactness: 'unknown' },
          { ...gap, number: 1 },
        ],
        lastGap: 2,
      });
      expect([...state.ledger].sort((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
        { key: 'a{x}', numbers: [9] },
        { key: 'b', numbers: [0.5, 2, 3] },
      ]);
    });

    test('hands back the tasks heard of last and everything unfinished', async () => {
      await store.append(batch({ tasks: MIXED }));

      const latest = await store.latest({ limit: 20, since: 0, atLeast: 0 });

      const running = MIXED.filter(({ state }) => state === 'STARTED').map(({ id }) => id);
      expect(latest.map(({ id }) => id)).toEqual(expect.arrayContaining(running));
      expect(latest.length).toBe(20);
      expect(latest.find(({ id }) => id === 'mail:58')).toMatchObject({ state: 'SUCCESS', runtimeMs: 609 });
    });

    test('hands back of what has ended what did so since then, and at least so many, the longest finished first', async () => {
      const many = Array.from({ length: 1_200 }, (_, at) =>
        aStoredTask({ id: `many:${at}`, state: 'SUCCESS', finishedAt: NOON + at }),
      );
      await store.append(batch({ tasks: many }));

      const ids = async (since: number, atLeast: number): Promise<readonly string[]> =>
        (await store.latest({ limit: 5_000, since, atLeast })).map(({ id }) => id);
      const last = (from: number): readonly string[] => many.slice(from).map(({ id }) => id);

      expect(await ids(NOON + 100, 0)).toEqual(last(100));
      expect(await ids(NOON + 1_150, 0)).toEqual(last(1_150));
      expect(await ids(NOON + 1_150, 700)).toEqual(last(500));
      expect(await ids(NOON + 1_150, 5_000)).toEqual(last(0));
    });

    test.each([
      ['failures later', NOON + 2 * MINUTE, []],
      ['failures sooner', NOON + 15 * MINUTE, []],
      ['and other states by times of their own', NOON + 2 * MINUTE, [['STARTED', NOON + 4 * MINUTE] as const]],
    ])('removes what is too old or too much in small steps, %s', async (_, failuresBefore, states) => {
      await store.append(batch({ tasks: MIXED }));
      const statesBefore = new Map<TaskState, number>(states);
      const keep = { before: NOON + 10 * MINUTE, failuresBefore, statesBefore, maxTasks: 1_000, maxBytes: 1e12 };

      const removed: number[] = [];
      for (let step = await store.prune(keep, 10); step > 0; step = await store.prune(keep, 10)) removed.push(step);

      expect(Math.max(...removed)).toBeLessThanOrEqual(10);
      const left = MIXED.filter(
        ({ state, sentAt }) =>
          (sentAt ?? 0) >= (state === 'FAILURE' ? failuresBefore : (statesBefore.get(state) ?? keep.before)),
      );
      expect((await store.size()).tasks).toBe(left.length);
      await store.prune({ ...keep, maxTasks: left.length - 1 }, 3);
      expect((await store.size()).tasks).toBe(left.length - 3);
    });

    test('removes a large result with the last task that has it', async () => {
      const result = 'x'.repeat(1_000);
      await store.append(
        batch({
          tasks: [aStoredTask({ id: '1', sentAt: NOON, result }), aStoredTask({ id: '2', sentAt: NOON + 9, result })],
        }),
      );

      await store.prune(
        { before: NOON + 5, failuresBefore: 0, statesBefore: new Map(), maxTasks: 10, maxBytes: 1e12 },
        10,
      );

      expect((await store.find('2', null, 1))[0]?.result).toBe(result);
    });
  });
}
