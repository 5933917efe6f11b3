import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Redis } from 'ioredis';
import { ActionRefused, CountExceeded, NotSupported, ScheduleNotFound, TaskNotFound } from '../../src/core/errors.js';
import type { QueueAction, QueueActionReport } from '../../src/core/queue-action.js';
import type { Capability } from '../../src/core/queue-engine.js';
import type { TaskAction, TaskActionReport } from '../../src/core/task-action.js';
import type { TaskEventKind } from '../../src/core/task-event.js';
import { eventually } from '../support/eventually.js';
import type { Watched } from './watched.js';

/** An application's own view of its queues, by its own version of the library. */
export interface JobActionsDriver {
  readonly watched: Watched;
  readonly raw: Redis;
  /** Adds a task and answers its job id. */
  add(queue: string, data?: object, options?: object): Promise<string>;
  work(queue: string): Promise<void>;
  release(queue: string, jobId: string): Promise<void>;
  /** The state that the library tells; null or `unknown` where it has no such job. */
  state(queue: string, jobId: string): Promise<string | null>;
  counts(queue: string): Promise<Readonly<Record<string, number>>>;
  pause(queue: string): Promise<void>;
  resume(queue: string): Promise<void>;
  isPaused(queue: string): Promise<boolean>;
  /** Adds a task that repeats once an hour, with the data `{ result: 'repeated' }`. */
  repeat(queue: string): Promise<void>;
  /** Adds one that can be edited, every hour as well; false where the library has none. */
  scheduler(queue: string): Promise<boolean>;
  /** How many repeating tasks the library lists. */
  schedules(queue: string): Promise<number>;
  /** Attempts of a retried task can be counted anew. */
  readonly countsAnew: boolean;
  end(): Promise<void>;
}

const signal = (): AbortSignal => AbortSignal.timeout(10_000);
const WITHIN = { within: 15_000 };

/** Every action, watched taking effect on a real queue with the version's own workers. */
export function jobActionsContract(libraryName: string, start: () => Promise<JobActionsDriver>): void {
  describe(`actions on queues of ${libraryName}:`, () => {
    let driver: JobActionsDriver;
    let capabilities: ReadonlySet<Capability>;
    beforeAll(async () => {
      driver = await start();
      capabilities = driver.watched.engine.capabilities;
      await driver.watched.connected();
      await driver.add('works');
      await driver.add('idle');
      await driver.work('works');
      await Promise.all(['works', 'idle'].map((queue) => driver.watched.knows(queue)));
    });
    afterAll(() => driver.end());

    const act = (queue: string, jobId: string, action: TaskAction): Promise<TaskActionReport> =>
      driver.watched.engine.act(`${queue}:${jobId}`, action, signal());
    const on = async (
      queue: string,
      action: QueueAction,
      said: { readonly atMost?: number; readonly dryRun?: boolean } = {},
    ): Promise<QueueActionReport> => {
      await driver.watched.knows(queue);
      const request = { action, atMost: said.atMost ?? null, dryRun: said.dryRun ?? false };
      return driver.watched.engine.actOnQueue(queue, request, signal());
    };
    /** No task of an earlier test is left. */
    const empty = async (queue: string): Promise<void> => {
      await on(queue, { kind: 'drain', delayed: true });
      for (const tasks of ['succeeded', 'failed'] as const) {
        await on(queue, { kind: 'clean', tasks, olderThanMs: 0, limit: 10_000 });
      }
    };
    const becomes = (queue: string, jobId: string, state: string): Promise<void> =>
      eventually(async () => expect(await driver.state(queue, jobId)).toBe(state), WITHIN);

    describe('a task', () => {
      test('that has failed runs again', async () => {
        const id = await driver.add('works', { fail: 'first', failures: 1, result: 'second' });
        await becomes('works', id, 'failed');

        const report = await act('works', id, { kind: 'retry', resetAttempts: false });

        expect(report).toMatchObject({
          id: `works:${id}`,
          refusal: null,
          before: { state: 'FAILURE', stage: 'finished' },
          after: { state: expect.stringMatching(/RETRY|STARTED|SUCCESS/) },
        });
        await becomes('works', id, 'completed');
      });

      test('that waits cannot be retried, and stays', async () => {
        const id = await driver.add('idle');

        const report = await act('idle', id, { kind: 'retry', resetAttempts: false });

        expect(report).toMatchObject({ refusal: 'state', before: { state: 'PENDING', stage: 'reserved' } });
        expect(report.message).toContain('PENDING');
        expect(report.after).toEqual(report.before);
        expect(await driver.state('idle', id)).toMatch(/^wait/);
      });

      test('that is delayed runs now when promoted, and only then', async () => {
        const id = await driver.add('works', {}, { delay: 3_600_000 });

        const report = await act('works', id, { kind: 'promote' });
        await becomes('works', id, 'completed');
        const again = await act('works', id, { kind: 'promote' });

        expect(report).toMatchObject({ refusal: null, before: { stage: 'scheduled' } });
        expect(report.before.eta).toBeGreaterThan(Date.now() + 3_000_000);
        expect(again).toMatchObject({ refusal: 'state', before: { state: 'SUCCESS' } });
      });

      test.each([
        ['waits', {}, {}, false],
        ['is delayed', {}, { delay: 3_600_000 }, false],
        ['has a priority', {}, { priority: 3 }, false],
        ['has failed', { fail: 'x' }, {}, true],
        ['has succeeded', { result: 1 }, {}, true],
      ])('that %s is removed, and told', async (_how, data, options, runs) => {
        const queue = runs ? 'works' : 'idle';
        const id = await driver.add(queue, data, options);
        if (runs) {
          await eventually(async () => expect(await driver.state(queue, id)).toMatch(/completed|failed/), WITHIN);
        }

        const report = await act(queue, id, { kind: 'remove' });

        expect(report).toMatchObject({ refusal: null, after: null });
        expect(await driver.raw.exists(`bull:${queue}:${id}`)).toBe(0);
        if (runs) return;
        await eventually(() => {
          expect(driver.watched.tasks('task-revoked').map((event) => event.id)).toContain(`${queue}:${id}`);
        });
      });

      test('that runs is not removed: a worker holds it', async () => {
        const id = await driver.add('works', { hold: true });
        await becomes('works', id, 'active');

        const report = await act('works', id, { kind: 'remove' });

        expect(report).toMatchObject({ refusal: 'locked', before: { state: 'STARTED' }, after: { state: 'STARTED' } });
        await driver.release('works', id);
        await becomes('works', id, 'completed');
      });

      test('that nobody knows is not found', async () => {
        await driver.add('idle');

        await expect(act('idle', 'nobody', { kind: 'promote' })).rejects.toBeInstanceOf(TaskNotFound);
      });

      test('waits so long as its new delay says, where delays can be changed', async () => {
        if (!capabilities.has('change-delay')) return;
        const id = await driver.add('works', {}, { delay: 3_600_000 });

        const longer = await act('works', id, { kind: 'delay', delayMs: 7_200_000 });
        expect(longer.after?.eta).toBeGreaterThan(Date.now() + 7_000_000);
        const shorter = await act('works', id, { kind: 'delay', delayMs: 1 });

        expect(shorter.refusal).toBeNull();
        await becomes('works', id, 'completed');
        expect(await act('works', id, { kind: 'delay', delayMs: 1 })).toMatchObject({ refusal: 'state' });
      });

      test('overtakes others by its new priority, where priorities can be changed', async () => {
        if (!capabilities.has('change-priority')) return;
        const ids: string[] = [];
        for (const result of [0, 1, 2]) ids.push(await driver.add('ranks', { result }, { priority: 5 }));
        await driver.watched.knows('ranks');

        const report = await act('ranks', ids[2] ?? '', { kind: 'priority', priority: 1 });
        await driver.work('ranks');
        for (const id of ids) await becomes('ranks', id, 'completed');

        expect(report).toMatchObject({ refusal: null, before: { priority: 5 }, after: { priority: 1 } });
        const started = await Promise.all(ids.map((id) => driver.raw.hget(`bull:ranks:${id}`, 'processedOn')));
        const [first, second, third] = started.map(Number);
        expect(third).toBeLessThanOrEqual(Math.min(first ?? 0, second ?? 0));
      });

      test('gets its attempts anew, where the version counts them so', async () => {
        if (!driver.countsAnew) return;
        const id = await driver.add('works', { fail: 'x', failures: 2 }, { attempts: 2 });
        await becomes('works', id, 'failed');

        await act('works', id, { kind: 'retry', resetAttempts: true });

        await becomes('works', id, 'completed');
        expect((await driver.watched.engine.findTask(`works:${id}`, signal()))?.attempts).toBe(1);
      });
    });

    describe('a queue', () => {
      test('that is paused starts nothing until it is resumed, and loses nothing', async () => {
        await empty('works');
        const paused = await on('works', { kind: 'pause' });
        const ids = [await driver.add('works', { result: 1 }), await driver.add('works', { result: 2 })];
        const twice = await on('works', { kind: 'pause' });

        expect(paused).toMatchObject({
          complete: true,
          before: { paused: false },
          after: { paused: true, waiting: 0 },
        });
        expect(twice).toMatchObject({ before: { paused: true, waiting: 2 }, after: { paused: true, waiting: 2 } });
        expect(await driver.isPaused('works')).toBe(true);
        const resumed = await on('works', { kind: 'resume' });
        const again = await on('works', { kind: 'resume' });
        for (const id of ids) await becomes('works', id, 'completed');
        expect(resumed).toMatchObject({ before: { paused: true }, after: { paused: false } });
        expect(again.message).toBe('The queue was not paused.');
        expect(await driver.isPaused('works')).toBe(false);
      });

      test('paused by us is resumed by its application, and the other way round, with all that came meanwhile', async () => {
        const failed = await driver.add('works', { fail: 'x', failures: 1 });
        const delayed = await driver.add('works', {}, { delay: 3_600_000 });
        await becomes('works', failed, 'failed');
        await on('works', { kind: 'pause' });
        const waiting = await driver.add('works');
        await act('works', failed, { kind: 'retry', resetAttempts: false });
        await act('works', delayed, { kind: 'promote' });

        await driver.resume('works');
        for (const id of [failed, delayed, waiting]) await becomes('works', id, 'completed');
        await driver.pause('works');
        const last = await driver.add('works');
        await on('works', { kind: 'resume' });

        await becomes('works', last, 'completed');
      });

      test('is cleaned of what has finished long enough ago, and of nothing else', async () => {
        await empty('works');
        const ids: string[] = [];
        for (let n = 0; n < 5; n += 1) ids.push(await driver.add('works', { result: n }));
        const bad = await driver.add('works', { fail: 'x' });
        for (const id of ids) await becomes('works', id, 'completed');
        await becomes('works', bad, 'failed');
        const clean = { kind: 'clean', tasks: 'succeeded', limit: 10_000 } as const;

        const young = await on('works', { ...clean, olderThanMs: 3_600_000 });
        const dry = await on('works', { ...clean, olderThanMs: 0 }, { dryRun: true });
        const some = await on('works', { ...clean, olderThanMs: 0, limit: 2 });
        const rest = await on('works', { ...clean, olderThanMs: 0 });

        expect(young).toMatchObject({ matched: 0, removed: 0, complete: true });
        expect(dry).toMatchObject({ matched: 5, removed: 0, after: { succeeded: 5 } });
        expect(some).toMatchObject({ matched: 2, removed: 2, complete: false, after: { succeeded: 3 } });
        expect(rest).toMatchObject({ matched: 3, removed: 3, complete: true, after: { succeeded: 0, failed: 1 } });
        expect(await driver.counts('works')).toMatchObject({ completed: 0, failed: 1 });
      });

      test('is cleaned of waiting tasks by their age', async () => {
        await empty('idle');
        const old = await driver.add('idle', {}, { timestamp: Date.now() - 7_200_000 });
        const young = await driver.add('idle');
        const clean = { kind: 'clean', tasks: 'waiting', olderThanMs: 3_600_000 } as const;

        await expect(on('idle', { ...clean, limit: 1 })).rejects.toBeInstanceOf(ActionRefused);
        const report = await on('idle', { ...clean, limit: 100 });

        expect(report).toMatchObject({ matched: null, removed: 1, complete: true });
        expect(await driver.raw.exists(`bull:idle:${old}`, `bull:idle:${young}`)).toBe(1);
        expect(await driver.state('idle', young)).toMatch(/^wait/);
      });

      test('is drained of what waits, delayed tasks only where asked for, and never of more than expected', async () => {
        await empty('idle');
        const ids: string[] = [];
        for (let n = 0; n < 4; n += 1) ids.push(await driver.add('idle'));
        ids.push(await driver.add('idle', {}, { priority: 2 }));
        // Bull does not say which task it delayed.
        await driver.add('idle', {}, { delay: 3_600_000 });
        const told = (kind: TaskEventKind): number =>
          driver.watched.tasks(kind).filter(({ id }) => ids.includes(id.slice('idle:'.length))).length;
        await eventually(() => expect(told('task-sent')).toBe(5), WITHIN);

        await expect(on('idle', { kind: 'drain', delayed: false }, { atMost: 4 })).rejects.toBeInstanceOf(
          CountExceeded,
        );
        expect((await driver.counts('idle')).delayed).toBe(1);
        const waiting = await on('idle', { kind: 'drain', delayed: false }, { atMost: 5 });
        const all = await on('idle', { kind: 'drain', delayed: true }, { atMost: 5 });

        expect(waiting).toMatchObject({ matched: 5, removed: 5, complete: true, after: { waiting: 0, delayed: 1 } });
        expect(all).toMatchObject({ matched: 1, removed: 1, complete: true, after: { waiting: 0, delayed: 0 } });
        expect(Object.values(await driver.counts('idle')).every((count) => count === 0)).toBe(true);
        await eventually(() => expect(told('task-revoked')).toBe(5), WITHIN);
      });

      test('drained while it is paused stays paused', async () => {
        await empty('idle');
        await driver.add('idle');
        await on('idle', { kind: 'pause' });

        const report = await on('idle', { kind: 'drain', delayed: true });

        expect(report).toMatchObject({ removed: 1, after: { paused: true, waiting: 0 } });
        expect(await driver.isPaused('idle')).toBe(true);
        await driver.resume('idle');
      });

      test('is obliterated with all it holds, but not while a task runs', async () => {
        await driver.work('ends');
        const id = await driver.add('ends', { hold: true });
        await becomes('ends', id, 'active');
        await driver.add('ends', {}, { delay: 3_600_000 });

        await expect(on('ends', { kind: 'obliterate', force: false })).rejects.toMatchObject({
          details: { reason: 'state', active: 1 },
        });
        expect(await driver.isPaused('ends')).toBe(false);
        await driver.release('ends', id);
        await becomes('ends', id, 'completed');
        const report = await on('ends', { kind: 'obliterate', force: false }, { atMost: 2 });

        expect(report).toMatchObject({ matched: 2, removed: 2, complete: true, after: null });
        const left = await driver.raw.keys('bull:ends:*');
        expect(left.filter((key) => !/:(stalled-check|marker|events)$/.test(key))).toEqual([]);
      });

      test('keeps its version and stream limit, whatever is done to it', async () => {
        const id = await driver.add('idle', {}, { delay: 3_600_000 });
        const before = await driver.raw.hgetall('bull:idle:meta');

        await act('idle', id, { kind: 'promote' });
        await on('idle', { kind: 'pause' });
        await on('idle', { kind: 'resume' });
        await on('idle', { kind: 'drain', delayed: true });

        expect(await driver.raw.hgetall('bull:idle:meta')).toEqual(before);
      });
    });

    describe('a schedule', () => {
      const only = async (queue: string): Promise<string> => {
        const { queues } = await driver.watched.look();
        const [schedule] = queues.find(({ name }) => name === queue)?.schedules ?? [];
        if (!schedule) throw new Error(`queue ${queue} has no schedule`);
        return schedule.id;
      };

      test('runs now, once more, and goes on as before', async () => {
        await driver.repeat('ticks');
        await driver.watched.knows('ticks');
        const id = await only('ticks');
        await driver.work('ticks');

        const report = await driver.watched.engine.actOnSchedule('ticks', id, { kind: 'run' }, signal());

        const jobId = report.taskId?.slice('ticks:'.length) ?? '';
        await becomes('ticks', jobId, 'completed');
        expect(await driver.raw.hget(`bull:ticks:${jobId}`, 'returnvalue')).toBe('"repeated"');
        expect(report.after).toEqual(report.before);
        expect(await driver.schedules('ticks')).toBe(1);
        expect((await driver.counts('ticks')).delayed).toBe(1);
      });

      test('does not lose its next run to a drain or to a removal', async () => {
        await driver.repeat('ticks');
        await driver.watched.knows('ticks');
        const [run = ''] = await driver.raw.zrange('bull:ticks:delayed', 0, -1);

        const removal = await act('ticks', run, { kind: 'remove' });
        await on('ticks', { kind: 'drain', delayed: true }).catch((error: unknown) => {
          expect(error).toBeInstanceOf(ActionRefused);
        });

        expect(removal).toMatchObject({ refusal: 'schedule' });
        expect((await driver.counts('ticks')).delayed).toBe(1);
        expect(await driver.schedules('ticks')).toBe(1);
      });

      test('is given another rhythm where the library can, and its next run waits for the new time', async () => {
        const can = await driver.scheduler('edited');
        if (!can) await driver.repeat('edited');
        await driver.watched.knows('edited');
        const id = await only('edited');
        const edit = (rhythm: { readonly cron: string | null; readonly everyMs: number | null }) =>
          driver.watched.engine.actOnSchedule('edited', id, { kind: 'edit', ...rhythm, timeZone: null }, signal());

        const answer = edit({ cron: '59 23 31 12 *', everyMs: null });

        if (!can) {
          await expect(answer).rejects.toBeInstanceOf(NotSupported);
          return;
        }
        const report = await answer;
        expect(report).toMatchObject({
          before: { everyMs: 3_600_000 },
          after: { cron: '59 23 31 12 *', missed: false },
        });
        expect(await driver.schedules('edited')).toBe(1);
        expect(await driver.raw.zrange('bull:edited:delayed', 0, -1)).toEqual([`repeat:${id}:${report.after?.nextAt}`]);
        // An interval begins with a run.
        const often = await edit({ cron: null, everyMs: 7_200_000 });
        expect(often).toMatchObject({
          after: { everyMs: 7_200_000, cron: null },
          message: expect.stringContaining('at once'),
        });
        expect(await driver.counts('edited')).toMatchObject({ wait: 1, delayed: 0 });
      });

      test('is removed with its next run', async () => {
        await driver.repeat('ticks');
        await driver.watched.knows('ticks');
        const id = await only('ticks');

        const report = await driver.watched.engine.actOnSchedule('ticks', id, { kind: 'remove' }, signal());

        expect(report).toMatchObject({ queue: 'ticks', id, before: { id }, after: null, taskId: null });
        expect(await driver.schedules('ticks')).toBe(0);
        expect((await driver.counts('ticks')).delayed).toBe(0);
        await expect(
          driver.watched.engine.actOnSchedule('ticks', id, { kind: 'remove' }, signal()),
        ).rejects.toBeInstanceOf(ScheduleNotFound);
      });
    });

    test('a hundred actions leave no connection behind', async () => {
      const ids: string[] = [];
      for (let n = 0; n < 100; n += 1) ids.push(await driver.add('idle', {}, { delay: 3_600_000 }));
      await driver.watched.knows('idle');
      await act('idle', ids.pop() ?? '', { kind: 'promote' });
      const before = driver.watched.engine.cost().connections;

      const reports = await Promise.all(ids.map((id) => act('idle', id, { kind: 'promote' })));

      expect(reports.every(({ refusal }) => refusal === null)).toBe(true);
      expect(driver.watched.engine.cost().connections).toBe(before);
    });
  });
}
