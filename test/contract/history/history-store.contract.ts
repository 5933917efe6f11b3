import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Deployment } from '../../../src/core/deployment.js';
import type {
  ControlAction,
  HistoryBatch,
  HistoryState,
  HistoryStore,
  StoredTask,
  WorkerLife,
} from '../../../src/core/history-store.js';
import type { SeriesRow } from '../../../src/core/series.js';
import type { TaskState } from '../../../src/core/task.js';
import { parseTaskFilter } from '../../../src/core/task-filter-parser.js';
import { taskPredicate } from '../../../src/core/task-filter-predicate.js';
import type { TaskCursor, TaskFilter, TaskQuery, TaskSortField } from '../../../src/core/task-query.js';
import { NOON } from '../../support/builders.js';
import { aStoredTask } from '../../support/history.js';

export interface StoreUnderTest {
  /** The same database each time, as a service that starts again finds it. */
  open(): Promise<{ readonly store: HistoryStore; readonly state: HistoryState }>;
}

const MINUTE = 60_000;

function batch(said: Partial<HistoryBatch>): HistoryBatch {
  return { at: NOON, tasks: [], gaps: [], ledger: [], positions: [], series: [], lives: [], actions: [], ...said };
}

function query(filter: TaskFilter, said: Partial<TaskQuery> = {}): TaskQuery {
  return { filter, order: { field: 'sent', descending: true }, limit: 100, after: null, ...said };
}

/** Tasks that differ in everything people filter by. */
const MIXED: readonly StoredTask[] = Array.from({ length: 60 }, (_, at): StoredTask => {
  const failed = at % 7 === 0;
  const running = at % 11 === 5;
  const startedAt = NOON + at * MINUTE + 250.125;
  return aStoredTask({
    source: at % 2 === 0 ? 'bull' : 'celery',
    engine: at % 2 === 0 ? 'bull' : 'celery',
    id: at % 2 === 0 ? `mail:${at}` : `0d8c${at}-uuid`,
    name: at % 5 === 0 ? null : `app.tasks.kind_${at % 4}`,
    queue: at % 3 === 0 ? 'mail' : 'slow%_queue',
    worker: at % 6 === 0 ? null : `worker-${at % 3}@host`,
    state: running ? 'STARTED' : failed ? 'FAILURE' : 'SUCCESS',
    // Three at a time have the same moment.
    sentAt: NOON + Math.floor(at / 3) * MINUTE,
    startedAt,
    finishedAt: running ? null : startedAt + at,
    runtimeMs: running ? null : at * 10.5,
    attempts: (at % 3) + 1,
    error: failed ? { type: at % 14 === 0 ? 'ValueError' : 'app.Timeout', message: `Lost 100%_of row ${at}` } : null,
  });
});

export function historyStoreContract(name: string, start: () => Promise<StoreUnderTest>): void {
  describe(`the history in ${name}`, () => {
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

    test.each([
      '',
      'state:FAILURE',
      'not state:SUCCESS',
      'name:app.tasks.kind_1',
      'name:app.*',
      'not name:app.*',
      'queue:"slow%_queue"',
      'worker:worker-1@host or worker:worker-2*',
      'source:bull runtime:>100ms',
      'runtime:<=105ms',
      'runtime:10.5ms',
      'attempts:>=2 and not error:ValueError',
      'error:app.*',
      'error:"100%_of"',
      'error:"100xx"',
      'id:mail:4',
      'id:0d8c*',
      'started:>2026-01-02T11:00:00Z finished:<2026-01-02T11:10:00Z',
      'KIND_2',
      'mail*',
      '(name:app.tasks.kind_3 or state:STARTED) and not queue:mail',
      'not not state:FAILURE',
    ])('finds by %p what memory finds by it', async (text) => {
      await store.append(batch({ tasks: MIXED }));
      const expression = text === '' ? undefined : parseTaskFilter(text, NOON);
      const holds = expression === undefined ? () => true : taskPredicate(expression);

      const page = await store.search(query(expression === undefined ? {} : { expression }));

      const wanted = MIXED.filter(holds).map(({ id }) => id);
      expect(page.items.map(({ id }) => id).sort()).toEqual([...wanted].sort());
      expect(page).toMatchObject({ next: null, complete: true, total: wanted.length, totalExact: true });
    });

    test.each<[string, TaskFilter, (task: StoredTask) => boolean]>([
      ['a name', { name: 'app.tasks.kind_1' }, (task) => task.name === 'app.tasks.kind_1'],
      ['the beginning of a name', { name: 'app.tasks.*' }, (task) => task.name !== null],
      ['states', { states: ['FAILURE', 'STARTED'] }, (task) => task.state !== 'SUCCESS'],
      [
        'worker and queue',
        { worker: 'worker-1@host', queue: 'mail' },
        (task) => task.worker === 'worker-1@host' && task.queue === 'mail',
      ],
      ['a source', { source: 'celery' }, (task) => task.source === 'celery'],
      ['nothing that is stored', { source: 'nobody' }, () => false],
      [
        'a time',
        { since: NOON + 5 * MINUTE, until: NOON + 9 * MINUTE },
        (task) => task.sentAt !== null && task.sentAt >= NOON + 5 * MINUTE && task.sentAt < NOON + 9 * MINUTE,
      ],
    ])('finds by %s', async (_, filter, holds) => {
      await store.append(batch({ tasks: MIXED }));

      const page = await store.search(query(filter));

      expect(page.items.map(({ id }) => id).sort()).toEqual(
        MIXED.filter(holds)
          .map(({ id }) => id)
          .sort(),
      );
    });

    test.each<[TaskSortField, boolean]>([
      ['sent', true],
      ['sent', false],
      ['started', true],
      ['finished', false],
      ['finished', true],
      ['runtime', false],
      ['runtime', true],
    ])('pages through everything once by %s, descending: %p', async (field, descending) => {
      await store.append(batch({ tasks: MIXED }));
      const whole = await store.search(query({}, { order: { field, descending }, limit: 500 }));

      const paged: string[] = [];
      let after: TaskCursor | null = null;
      do {
        const page = await store.search(query({}, { order: { field, descending }, limit: 7, after }));
        paged.push(...page.items.map(({ id }) => id));
        after = page.next;
      } while (after !== null);

      expect(new Set(paged).size).toBe(60);
      expect(paged).toEqual(whole.items.map(({ id }) => id));
      const keys = whole.items.map(
        (task) =>
          ({
            sent: task.sentAt,
            started: task.startedAt,
            finished: task.finishedAt,
            runtime: task.runtimeMs,
            name: null,
          })[field],
      );
      const known = keys.filter((key) => key !== null);
      expect(keys).toEqual([
        ...[...known].sort((a, b) => (descending ? b - a : a - b)),
        ...keys.filter((key) => key === null),
      ]);
    });

    test.each<[TaskSortField, string]>([
      ['sent', 'sent:>2026-01-02T10:35:00Z sent:<=2026-01-02T10:42:00Z'],
      ['started', 'started:>=2026-01-02T10:40:00.250125Z state:SUCCESS'],
      ['runtime', 'runtime:>52.5ms runtime:<=420ms'],
      ['finished', '(finished:<2026-01-02T11:00:00Z) name:app.*'],
    ])('turns pages by %s of what %p selects by it, in both directions', async (field, text) => {
      await store.append(batch({ tasks: MIXED }));
      const expression = parseTaskFilter(text, NOON);
      const wanted = MIXED.filter(taskPredicate(expression)).map(({ id }) => id);

      for (const descending of [true, false]) {
        const found: string[] = [];
        let after: TaskCursor | null = null;
        do {
          const page = await store.search(query({ expression }, { order: { field, descending }, limit: 4, after }));
          found.push(...page.items.map(({ id }) => id));
          after = page.next;
        } while (after !== null);
        expect([...found].sort()).toEqual([...wanted].sort());
      }
      expect(wanted.length).toBeGreaterThan(4);
    });

    test('ends a search for what is rare among many in time, says so, and goes on from there', async () => {
      const tasks = Array.from({ length: 30_000 }, (_, at) =>
        aStoredTask({ id: `t:${at}`, sentAt: NOON + at, state: 'SUCCESS', worker: at === 3 ? 'rare' : 'common' }),
      );
      for (let from = 0; from < tasks.length; from += 5_000)
        await store.append(batch({ tasks: tasks.slice(from, from + 5_000) }));

      const found: string[] = [];
      let after: TaskCursor | null = null;
      let pages = 0;
      do {
        const page = await store.search(query({ worker: 'rare' }, { after }));
        found.push(...page.items.map(({ id }) => id));
        expect(page.complete).toBe(page.next === null);
        after = page.next;
        pages += 1;
      } while (after !== null && pages < 100);

      expect(found).toEqual(['t:3']);
      const estimated = await store.search(query({ worker: 'common' }));
      expect(estimated).toMatchObject({ total: 30_000, totalExact: false });
    }, 60_000);

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
