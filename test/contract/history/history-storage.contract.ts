import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Deployment } from '../../../src/core/deployment.js';
import type { ControlAction, HistoryStore, WorkerLife } from '../../../src/core/history-store.js';
import { NOON } from '../../support/builders.js';
import { aStoredTask } from '../../support/history.js';
import { batch, MINUTE, query, type StoreUnderTest } from './history-records.js';

export function historyStorageContract(name: string, start: () => Promise<StoreUnderTest>): void {
  describe(`what the history in ${name} stores`, () => {
    let database: StoreUnderTest;
    let store: HistoryStore;

    beforeEach(async () => {
      database = await start();
      ({ store } = await database.open());
    }, 60_000);

    afterEach(() => store.close());

    test('keeps deployments, the latest first, however late they are told', async () => {
      const deployment = (said: Partial<Deployment>): Deployment => ({
        id: 'a',
        at: NOON,
        name: 'billing',
        version: '1.42.0',
        link: 'https://ci.example/42',
        who: 'ci',
        ...said,
      });
      const bare = deployment({ id: 'c', at: NOON - MINUTE, version: null, link: null, who: null, name: 'größer 😀' });
      for (const told of [deployment({ id: 'b', at: NOON + MINUTE }), bare, deployment({})])
        await store.addDeployment(told);

      const all = { from: NOON - MINUTE, to: NOON + MINUTE, limit: 10 };
      const { deployments, total } = await store.deployments(all);
      expect(deployments.map(({ id }) => id)).toEqual(['b', 'a', 'c']);
      expect(deployments[2]).toEqual(bare);
      expect(total).toBe(3);
      expect(await store.deployments({ ...all, from: NOON, to: NOON })).toEqual({
        deployments: [deployment({})],
        total: 1,
      });
      expect(await store.deployments({ ...all, limit: 1 })).toMatchObject({ deployments: [{ id: 'b' }], total: 3 });

      await store.close();
      ({ store } = await database.open());
      expect(await store.deployments(all)).toEqual({ deployments, total: 3 });
    });

    test('gives back a task with everything that was stored of it', async () => {
      const task = aStoredTask({
        source: 'celery',
        engine: 'celery',
        id: 'c0ffee',
        name: 'app.train',
        queue: 'gpu',
        worker: 'w1@host',
        state: 'SUCCESS',
        sentAt: NOON + 0.125,
        eta: NOON + 5,
        startedAt: NOON + 10.001,
        finishedAt: NOON + 20.5,
        runtimeMs: 10.499,
        attempts: 2,
        result: { rows: [1, 2, 3], text: 'größer\u0000😀' },
        facts: [2, 1_767_349_800.25, 4, 1, 9, 1],
        args: ['gpu', { rows: 3, note: 'nul\uFFFD' }],
        kwargs: { text: 'long '.repeat(200) },
        traceback: 'Traceback (most recent call last):\n  …',
        parentId: 'f00d',
        rootId: 'beef',
        attemptHistory: [
          {
            number: 1,
            worker: 'w0@host',
            startedAt: NOON + 1,
            endedAt: NOON + 2,
            outcome: 'retry',
            error: { type: 'ValueError', message: 'no' },
          },
          {
            number: 2,
            worker: 'w1@host',
            startedAt: NOON + 10.001,
            endedAt: NOON + 20.5,
            outcome: 'success',
            error: null,
          },
        ],
      });

      await store.append(batch({ tasks: [task] }));

      expect(await store.find('c0ffee', 'celery', 10)).toEqual([task]);
      expect(await store.find('c0ffee', null, 10)).toEqual([task]);
      expect(await store.find('c0ffee', 'bull', 10)).toEqual([]);
      expect(await store.find('c0ff', null, 10)).toEqual([]);
    });

    test('brings a task up to date, and keeps what the newer record does not know', async () => {
      await store.append(
        batch({ tasks: [aStoredTask({ name: 'train', worker: 'w1', startedAt: NOON + 1, attempts: 2 })] }),
      );
      await store.append(
        batch({
          tasks: [
            aStoredTask({ name: null, queue: null, sentAt: null, state: 'SUCCESS', finishedAt: NOON + 9, attempts: 1 }),
          ],
        }),
      );

      const [task] = await store.find('training:1', null, 10);

      expect(task).toMatchObject({
        name: 'train',
        queue: 'training',
        worker: 'w1',
        sentAt: NOON,
        startedAt: NOON + 1,
        state: 'SUCCESS',
        finishedAt: NOON + 9,
        attempts: 2,
      });
      expect((await store.size()).tasks).toBe(1);
    });

    test('keeps one task of each source that has the same id', async () => {
      await store.append(
        batch({
          tasks: [
            aStoredTask({ source: 'a', id: '7' }),
            aStoredTask({ source: 'b', id: '7' }),
            aStoredTask({ source: 'a', id: '7' }),
          ],
        }),
      );

      expect((await store.find('7', null, 10)).map(({ source }) => source).sort()).toEqual(['a', 'b']);
    });

    test('keeps a large result once, and gives it back whole', async () => {
      const result = Array.from({ length: 500 }, (_, at) => `line ${at}`);
      await store.append(batch({ tasks: [aStoredTask({ id: '1', result }), aStoredTask({ id: '2', result })] }));
      await store.append(batch({ tasks: [aStoredTask({ id: '3', result })] }));

      const found = await Promise.all(['1', '2', '3'].map((id) => store.find(id, null, 1)));

      expect(found.map(([task]) => task?.result)).toEqual([result, result, result]);
    });

    test('keeps what a task was given, whatever is told of it later, and bounds it', async () => {
      const huge = 'x'.repeat(100_000);
      const traceback = `Error: at the head\n${'  frame\n'.repeat(10_000)}ValueError: at the end`;
      await store.append(
        batch({ tasks: [aStoredTask({ id: '1', args: [1], kwargs: { huge }, rootId: '1', parentId: '0' })] }),
      );
      await store.append(batch({ tasks: [aStoredTask({ id: '1', state: 'FAILURE', traceback })] }));

      const [task] = await store.find('1', null, 1);

      expect(task).toMatchObject({
        args: [1],
        kwargs: { tooLarge: true, bytes: 100_011 },
        parentId: '0',
        // It is the first of its family itself.
        rootId: null,
      });
      expect(task?.traceback).toMatch(/^Error: at the head[\s\S]*\n…\n[\s\S]*ValueError: at the end$/);
      expect(task?.traceback?.length).toBeLessThan(17_000);
    });

    test('lets go of large values with the last task that refers to them', async () => {
      const args = ['y'.repeat(3_000)];
      const tasks = ['1', '2'].map((id) => aStoredTask({ id, args, sentAt: NOON + Number(id) }));
      await store.append(batch({ tasks }));
      const keep = { before: NOON + 1.5, failuresBefore: 0, statesBefore: new Map(), maxTasks: 100, maxBytes: 1e12 };

      expect(await store.prune(keep, 10)).toBe(1);
      expect((await store.find('2', null, 1))[0]?.args).toEqual(args);
      expect(await store.prune({ ...keep, before: NOON + 9 }, 10)).toBe(1);
      await store.append(batch({ tasks: [aStoredTask({ id: '3', args })] }));

      expect((await store.find('3', null, 1))[0]?.args).toEqual(args);
    });

    test('keeps the lives of workers, and what people have done', async () => {
      const life = (said: Partial<WorkerLife>): WorkerLife => ({
        source: 'celery',
        name: 'w1@host',
        since: NOON,
        pid: 7,
        host: 'host',
        software: 'celery 5.6.2',
        startedAt: NOON - 5,
        seenAt: NOON,
        endedAt: null,
        ended: null,
        ...said,
      });
      const action: ControlAction = {
        at: NOON + 3,
        kind: 'token',
        who: 'ops',
        address: '127.0.0.1',
        operation: 'pauseQueue',
        path: '/api/v1/celery/queues/mail/pause',
        asked: { source: 'bull' },
        outcome: 'allowed',
        status: 200,
        message: null,
        workers: [{ worker: 'w1@host', answer: 'ok', message: 'paused' }],
      };
      await store.append(batch({ lives: [life({}), life({ name: 'w2@host', pid: 8 })], actions: [action] }));
      const ended = life({ seenAt: NOON + 9, endedAt: NOON + 9, ended: 'lost' });
      await store.append(batch({ lives: [ended, life({ since: NOON + 20, pid: 9, seenAt: NOON + 20 })] }));

      expect(await store.lives({ since: NOON, name: 'w1@host', source: null, limit: 10 })).toEqual([
        life({ since: NOON + 20, pid: 9, seenAt: NOON + 20 }),
        ended,
      ]);
      expect(await store.lives({ since: NOON + 10, name: null, source: 'celery', limit: 10 })).toHaveLength(1);
      expect(await store.actions({ since: NOON, task: null, limit: 10 })).toEqual([action]);
      expect(await store.actions({ since: NOON + 4, task: null, limit: 10 })).toEqual([]);
      const onTask = (path: string): ControlAction => ({ ...action, path: `/api/v1/celery/tasks/${path}` });
      const own = ['a_%3A1/revoke', 'a_:1', 'a_%3A1'].map(onTask);
      const others = ['a_%3A11', 'ab%3A1/revoke', 'a_', 'stamped-revocations'].map(onTask);
      await store.append(batch({ actions: [...others, ...own] }));
      expect((await store.actions({ since: 0, task: 'a_:1', limit: 10 })).map(({ path }) => path).sort()).toEqual(
        own.map(({ path }) => path).sort(),
      );
      await store.prune(
        { before: NOON + 10, failuresBefore: NOON + 10, statesBefore: new Map(), maxTasks: 100, maxBytes: 1e12 },
        10,
      );
      expect(await store.lives({ since: NOON, name: 'w1@host', source: null, limit: 10 })).toHaveLength(1);
      expect(await store.actions({ since: NOON, task: null, limit: 10 })).toEqual([]);
      await store.close();
      const { store: again, state } = await database.open();
      store = again;
      expect(state.lives.map(({ name, since }) => [name, since])).toEqual([
        ['w1@host', NOON + 20],
        ['w2@host', NOON],
      ]);
    });

    test('stores thousands of tasks in one batch', async () => {
      const tasks = Array.from({ length: 3_001 }, (_, at) => aStoredTask({ id: `many:${at}`, sentAt: NOON + at }));
      await store.append(batch({ tasks }));

      expect((await store.size()).tasks).toBe(3_001);
      expect((await store.size()).bytes).toBeGreaterThan(100_000);
      const page = await store.search(query({}, { limit: 3 }));
      expect(page.items.map(({ id }) => id)).toEqual(['many:3000', 'many:2999', 'many:2998']);
      expect(page).toMatchObject({ complete: true, total: 3_001, totalExact: true });
    });
  });
}
