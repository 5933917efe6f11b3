import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { HistoryStore, StoredTask } from '../../../src/core/history-store.js';
import type { SeriesRow } from '../../../src/core/series.js';
import { NOON } from '../../support/builders.js';
import { aStoredTask } from '../../support/history.js';
import { batch, MINUTE, type StoreUnderTest } from './history-records.js';

export function historyAnswersContract(name: string, start: () => Promise<StoreUnderTest>): void {
  describe(`what the history in ${name} answers`, () => {
    let database: StoreUnderTest;
    let store: HistoryStore;

    beforeEach(async () => {
      database = await start();
      ({ store } = await database.open());
    }, 60_000);

    afterEach(() => store.close());

    test('tells failures by their cause, with trend, names, workers and a sample', async () => {
      const failed = (id: string, minute: number, said: Partial<StoredTask>): StoredTask =>
        aStoredTask({ id, state: 'FAILURE', finishedAt: NOON + minute * MINUTE + 1, ...said });
      const error = (message: string, type = 'ValueError') => ({ type, message });
      await store.append(
        batch({
          tasks: [
            failed('1', 0, { name: 'a', worker: 'w1', error: error('row 1 is bad') }),
            failed('2', 5, { name: 'a', worker: 'w1', error: error('row 22 is bad') }),
            failed('3', 5, { name: 'b', worker: 'w2', error: error('row 333 is bad') }),
            failed('4', 9, { name: 'a', worker: 'w2', state: 'RETRY', error: error('row 4 is bad', 'app.Lost') }),
            failed('5', 99, { name: 'a', error: error('row 5 is bad') }),
            aStoredTask({ id: '6', state: 'SUCCESS', finishedAt: NOON + 1 }),
          ],
        }),
      );
      const asked = {
        since: NOON,
        until: NOON + 10 * MINUTE,
        source: null,
        name: null,
        queue: null,
        limit: 10,
        parts: 2,
      };

      const found = await store.failures(asked);

      expect(found).toEqual({
        causes: 2,
        failures: 4,
        complete: true,
        groups: [
          {
            type: 'ValueError',
            message: 'row <n> is bad',
            count: 3,
            firstSeen: NOON + 1,
            lastSeen: NOON + 5 * MINUTE + 1,
            trend: [1, 2],
            names: [
              { name: 'a', count: 2 },
              { name: 'b', count: 1 },
            ],
            workers: [
              { name: 'w1', count: 2 },
              { name: 'w2', count: 1 },
            ],
            sample: {
              source: 'bull',
              id: expect.stringMatching(/^[23]$/),
              message: expect.stringMatching(/^row (22|333) is bad$/),
            },
          },
          expect.objectContaining({
            type: 'app.Lost',
            count: 1,
            trend: [0, 1],
            sample: { source: 'bull', id: '4', message: 'row 4 is bad' },
          }),
        ],
      });
      expect((await store.failures({ ...asked, name: 'b' })).failures).toBe(1);
      expect((await store.failures({ ...asked, source: 'celery' })).groups).toEqual([]);
      expect((await store.failures({ ...asked, limit: 1 })).groups).toHaveLength(1);
    });

    test('completes names, what begins so before what holds it', async () => {
      await store.append(
        batch({
          tasks: ['app.mail', 'app.train', 'train.app', 'other%'].map((name) =>
            aStoredTask({
              id: name,
              name,
              queue: `${name}-queue`,
              worker: 'app-worker',
              error: { type: 'app.Error', message: 'app' },
            }),
          ),
        }),
      );

      expect(await store.suggest('name', 'app', 10)).toEqual(['app.mail', 'app.train', 'train.app']);
      expect(await store.suggest('name', 'APP', 2)).toEqual(['app.mail', 'app.train']);
      expect(await store.suggest('name', '%', 10)).toEqual(['other%']);
      expect(await store.suggest('worker', '', 10)).toEqual(['app-worker']);
      expect(await store.suggest('error', 'app', 10)).toEqual(['app.Error']);
      expect(await store.suggest('queue', 'zzz', 10)).toEqual([]);
    });

    test('adds series up to minutes and hours, and answers each part of the time once', async () => {
      // The store's own clock decides what is complete.
      const hour = Math.floor(Date.now() / 1000 / 3_600) * 3_600 - 3_600;
      const rows = Array.from(
        { length: 360 },
        (_, at): SeriesRow => ({
          step: 10,
          kind: at % 2 === 0 ? 'all' : 'depth',
          key: at % 2 === 0 ? '' : 'mail',
          source: 'bull',
          at: hour + at * 10,
          figures:
            at % 2 === 0
              ? {
                  sent: 1,
                  started: 1,
                  success: 2,
                  failure: 1,
                  retry: 0,
                  revoked: 0,
                  rejected: 0,
                  run: [5, 2],
                  wait: [],
                }
              : { samples: 1, first: at, second: null, third: 3, greatest: at },
        }),
      );
      await store.append(batch({ series: rows }));
      await store.rollUp();
      await store.rollUp();
      const ask = { kind: 'all', key: null, source: 'bull', from: hour, to: hour + 3_600 } as const;
      const successes = (found: readonly SeriesRow[]): number =>
        found.reduce((sum, { figures }) => sum + ('run' in figures ? figures.success : 0), 0);

      const fine = await store.series({ ...ask, step: 10 });
      const minutes = await store.series({ ...ask, step: 60 });
      const hours = await store.series({ ...ask, step: 3_600 });

      expect(fine).toHaveLength(180);
      expect(successes(fine)).toBe(360);
      expect(successes(minutes)).toBe(360);
      expect(minutes.filter(({ step }) => step === 60).length).toBeGreaterThanOrEqual(58);
      expect(successes(hours)).toBe(360);
      const [depth] = await store.series({ ...ask, kind: 'depth', key: 'mail', step: 60 });
      expect(depth?.figures).toEqual({ samples: 3, first: 9, second: null, third: 9, greatest: 5 });
      expect(await store.series({ ...ask, source: 'nobody', step: 10 })).toEqual([]);
      expect(await store.series({ ...ask, kind: 'depth', key: 'nothing', step: 10 })).toEqual([]);
    });
  });
}
