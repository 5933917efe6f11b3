import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TaskNotFound } from '../../src/core/errors.js';
import type { Capability } from '../../src/core/queue-engine.js';
import type { TaskEvent, TaskEventKind } from '../../src/core/task-event.js';
import { eventually } from '../support/eventually.js';
import type { Watched } from './watched.js';

/** What a contract test may ask of a real task system and its broker. */
export interface EngineDriver {
  readonly watched: Watched;
  /** Adds a task and answers its full id. */
  enqueue(queue: string, task: TaskWish): Promise<string>;
  /** Starts a worker for a queue, running one task at a time. */
  work(queue: string): Promise<void>;
  /** Ends a task that was told to hold. */
  release(id: string): Promise<void>;
  /** null where the system has no such thing. */
  readonly pause: ((queue: string) => Promise<void>) | null;
  /** Name shown for a task, by the name it was added with. */
  taskName(queue: string, name: string): string;
  restartBroker(): Promise<void>;
  end(): Promise<void>;
}

export interface TaskWish {
  readonly name: string;
  readonly result?: unknown;
  readonly fail?: string;
  /** Fails so many times, then succeeds. */
  readonly failures?: number;
  readonly attempts?: number;
  readonly hold?: boolean;
  readonly delayMs?: number;
  readonly priority?: number;
  readonly progress?: unknown;
  readonly log?: string;
  readonly secret?: string;
}

/**
 * What a system is by design, and no capability names.
 * waiting-unlisted: tasks that wait in the broker are counted, not listed. attempts-by-time: attempts have no numbers but their
 * moments. times-held-by-workers: a task with a time waits in a worker's hands. revoked-by-workers: a revoked task stays in its queue until
 * a worker meets it.
 */
export type Difference = 'waiting-unlisted' | 'attempts-by-time' | 'times-held-by-workers' | 'revoked-by-workers';

const signal = (): AbortSignal => AbortSignal.timeout(5_000);

/** What every engine owes, against its real broker. A skipped test names the capability that is missing. */
export function queueEngineContract(
  engineName: string,
  start: () => Promise<EngineDriver>,
  capabilities: ReadonlySet<Capability>,
  differences: ReadonlySet<Difference> = new Set(),
): void {
  const testIf = (capability: Capability, title: string, run: () => Promise<void>): void => {
    if (capabilities.has(capability)) test(title, run);
    else test.skip(`${title} (${engineName} lacks ${capability})`, run);
  };

  describe(`${engineName} keeps the contract of an engine:`, () => {
    let driver: EngineDriver;
    let watched: Watched;
    beforeAll(async () => {
      driver = await start();
      watched = driver.watched;
      await watched.connected();
    });
    afterAll(() => driver.end());

    const told = (kind: TaskEventKind, id: string): Promise<TaskEvent> =>
      eventually(() => {
        const found = watched.tasks(kind).find((event) => event.id === id);
        if (!found) throw new Error(`${kind} of ${id} was not told`);
        return found;
      });

    test('it says what it can do, and that it is connected', () => {
      const { engine } = watched;

      expect(engine.capabilities).toEqual(capabilities);
      expect(engine.status()).toMatchObject({ connection: 'connected', problem: null });
      expect(engine.status().lastAnswerAt).toBeGreaterThan(Date.now() - 10_000);
    });

    test('a new queue is seen within five seconds, with what waits in it', async () => {
      await driver.enqueue('fresh', { name: 'a' });
      await watched.knows('fresh');

      const { queues, reserved } = await watched.look();

      const fresh = queues.find(({ name }) => name === 'fresh');
      expect(fresh).toMatchObject({
        engine: watched.engine.source.engine,
        source: watched.engine.source.name,
        length: 1,
      });
      if (differences.has('waiting-unlisted')) return;
      expect(reserved.tasks).toContainEqual(
        expect.objectContaining({ queue: 'fresh', state: 'PENDING', name: driver.taskName('fresh', 'a') }),
      );
    });

    test('a task that succeeds is told from start to end, with its result', async () => {
      const id = await driver.enqueue('works', { name: 'ok', result: { a: [1, 'two', null] } });
      await driver.work('works');

      const started = await told('task-started', id);
      const succeeded = await told('task-succeeded', id);

      const name = driver.taskName('works', 'ok');
      expect(started).toMatchObject({ name, queue: 'works' });
      expect(succeeded).toMatchObject({ name, queue: 'works', value: { a: [1, 'two', null] }, error: null });
      if (!differences.has('attempts-by-time')) expect(succeeded.occurrence).toBe(started.occurrence);
      expect(succeeded.runtimeMs).toBeGreaterThanOrEqual(0);
    });

    test('a task that fails is told with the class and the message of its error', async () => {
      const id = await driver.enqueue('works', { name: 'bad', fail: 'no such thing' });

      const failed = await told('task-failed', id);

      expect(failed).toMatchObject({ error: { type: 'TypeError', message: 'no such thing' }, timedOut: false });
    });

    test('a task that is retried is told once per attempt', async () => {
      const id = await driver.enqueue('works', { name: 'flaky', fail: 'not yet', failures: 2, attempts: 5 });
      await told('task-succeeded', id);

      const retries = watched.tasks('task-retried').filter((event) => event.id === id);
      const starts = watched.tasks('task-started').filter((event) => event.id === id);

      expect(new Set(retries.map(({ occurrence }) => occurrence)).size).toBe(2);
      expect(new Set(starts.map(({ occurrence }) => occurrence)).size).toBe(3);
      expect(retries[0]?.error).toEqual({ type: 'TypeError', message: 'not yet' });
    });

    test('progress is told while a task runs, and the task is among the active ones', async () => {
      const id = await driver.enqueue('works', { name: 'slow', hold: true, progress: { percent: 40 } });
      const progress = await told('task-progress', id);

      const { active, activeByName, queues } = await watched.look();

      expect(progress.value).toEqual({ percent: 40 });
      expect(active.tasks).toContainEqual(expect.objectContaining({ id, state: 'STARTED', attempts: 1 }));
      expect(activeByName.get(driver.taskName('works', 'slow'))).toBe(1);
      expect(queues.find(({ name }) => name === 'works')?.active).toBe(1);
      await driver.release(id);
      await told('task-succeeded', id);
    });

    test('a task that is not due yet is scheduled, with its time', async () => {
      const due = Date.now() + 3_600_000;
      const held = differences.has('times-held-by-workers');
      if (held) await driver.work('later');
      const id = await driver.enqueue('later', { name: 'a', delayMs: 3_600_000 });
      await watched.knows('later');

      const task = await eventually(async () => {
        const found = (await watched.look()).scheduled.tasks.find((one) => one.id === id);
        if (!found) throw new Error(`${id} is not scheduled`);
        return found;
      });

      expect(task).toMatchObject({ queue: 'later', state: held ? 'RECEIVED' : 'PENDING' });
      expect(Math.abs((task.eta ?? 0) - due)).toBeLessThan(5_000);
    });

    test('lists are cut to the limit, their totals are not', async () => {
      for (let n = 0; n < 5; n += 1) await driver.enqueue('many', { name: 'a' });
      await watched.knows('many');

      const { reserved, queues } = await watched.look(2);

      expect(queues.find(({ name }) => name === 'many')?.length).toBe(5);
      if (differences.has('waiting-unlisted')) return;
      expect(reserved.tasks).toHaveLength(2);
      expect(reserved.total).toBe(queues.reduce((sum, queue) => sum + queue.length, 0));
    });

    testIf('queue-age', 'the oldest waiting task has an age', async () => {
      await driver.enqueue('aged', { name: 'a' });
      await watched.knows('aged');

      const { queues } = await watched.look();

      const age = queues.find(({ name }) => name === 'aged')?.oldestWaitingSeconds;
      expect(age).toBeGreaterThanOrEqual(0);
      expect(age).toBeLessThan(10);
    });

    testIf('peek-queue', 'the first waiting tasks are shown in the order in which they will run', async () => {
      const ids: string[] = [];
      for (const name of ['a', 'b', 'c']) ids.push(await driver.enqueue('peeked', { name }));
      await watched.knows('peeked');

      const peek = await watched.engine.peek('peeked', 2, signal());

      expect(peek.total).toBe(3);
      expect(peek.tasks).toMatchObject([
        { id: ids[0], name: driver.taskName('peeked', 'a'), unreadable: null },
        { id: ids[1], name: driver.taskName('peeked', 'b'), unreadable: null },
      ]);
      const next = await watched.engine.peek('peeked', 2, signal(), 2);
      expect(next.total).toBe(3);
      expect(next.tasks.map(({ id }) => id)).toEqual([ids[2]]);
      expect((await watched.engine.peek('peeked', 2, signal(), 3)).tasks).toEqual([]);
    });

    testIf('find-by-id', 'everything about a task is found by its id', async () => {
      const id = await driver.enqueue('works', { name: 'kept', result: 7, log: 'hello', secret: 'hunter2' });
      await told('task-succeeded', id);

      const task = await eventually(async () => {
        const found = await watched.engine.findTask(id, signal());
        if (found?.state !== 'SUCCESS') throw new Error(`state is ${found?.state}`);
        return found;
      });

      expect(task).toMatchObject({
        id,
        name: driver.taskName('works', 'kept'),
        queue: 'works',
        result: 7,
        attempts: 1,
      });
      expect(JSON.stringify(task)).not.toContain('hunter2');
      if (capabilities.has('task-logs')) expect(task.logs?.[0]).toContain('hello');
      expect(task.timeline.map(({ what }) => what)).toEqual(expect.arrayContaining(['sent', 'started', 'succeeded']));
    });

    testIf('find-by-id', 'an id that nobody has used is not found, and cannot be revoked', async () => {
      expect(await watched.engine.findTask('works:no-such-task', signal())).toBeNull();
      await expect(
        watched.engine.revoke('works:no-such-task', { terminate: false, signal: null }, signal()),
      ).rejects.toBeInstanceOf(TaskNotFound);
    });

    testIf('revoke-waiting', 'a waiting task is revoked with proof, and told', async () => {
      const id = await driver.enqueue('never', { name: 'a' });
      await watched.knows('never');

      const report = await watched.engine.revoke(id, { terminate: false, signal: null }, signal());

      expect(report).toMatchObject({ id, outcome: 'revoked' });
      if (differences.has('revoked-by-workers')) await driver.work('never');
      expect(await told('task-revoked', id)).toMatchObject({ name: driver.taskName('never', 'a'), queue: 'never' });
      expect((await watched.look()).queues.find(({ name }) => name === 'never')?.length ?? 0).toBe(0);
    });

    testIf('revoke-waiting', 'a delayed task is revoked with proof', async () => {
      const id = await driver.enqueue('later', { name: 'b', delayMs: 3_600_000 });

      expect(await watched.engine.revoke(id, { terminate: false, signal: null }, signal())).toMatchObject({
        outcome: 'revoked',
      });
    });

    test('a finished task is too late to be revoked', async () => {
      const id = await driver.enqueue('works', { name: 'done' });
      await told('task-succeeded', id);

      expect(await watched.engine.revoke(id, { terminate: true, signal: null }, signal())).toMatchObject({
        outcome: 'too-late',
      });
    });

    test('a running task is left alone unless it is to be terminated', async () => {
      const id = await driver.enqueue('works', { name: 'busy', hold: true });
      await told('task-started', id);

      const report = await watched.engine.revoke(id, { terminate: false, signal: null }, signal());

      expect(report.outcome).toBe('too-late');
      await driver.release(id);
      await told('task-succeeded', id);
    });

    test('a worker is listed with its queue', async () => {
      await driver.work('works');

      await eventually(async () => {
        const { workers, queues } = await watched.look();
        expect(workers.filter((worker) => worker.queues?.includes('works')).length).toBeGreaterThanOrEqual(1);
        expect(queues.find(({ name }) => name === 'works')?.consumers).toBeGreaterThanOrEqual(1);
      });
    });

    test('a paused queue says so, where queues can be paused', async () => {
      if (!driver.pause) return;
      await driver.enqueue('halted', { name: 'a' });
      await driver.pause('halted');

      await eventually(async () => {
        const halted = (await watched.look()).queues.find(({ name }) => name === 'halted');
        expect(halted).toMatchObject({ paused: true, length: 1 });
      });
    });

    test('it survives the death of its broker, says so, and goes on', async () => {
      await driver.restartBroker();

      await watched.connected();
      const id = await driver.enqueue('works', { name: 'after', result: 1 });
      await eventually(() => expect(watched.tasks('task-succeeded').some((event) => event.id === id)).toBe(true), {
        within: 15_000,
      });
      expect(
        watched.statuses.some(({ connection, problem }) => connection === 'disconnected' && problem !== null),
      ).toBe(true);
      await eventually(() => expect(watched.gaps().some(({ reason }) => reason === 'disconnected')).toBe(true), {
        within: 10_000,
      });
    });

    test('what it costs the broker is counted', () => {
      const cost = watched.engine.cost();

      expect(cost.connections).toBeGreaterThanOrEqual(1);
      expect(cost.connections).toBeLessThanOrEqual(10);
      expect(cost.commands).toBeGreaterThan(0);
      expect(cost.bytesRead).toBeGreaterThan(0);
      expect(cost.reconnects).toBeGreaterThanOrEqual(1);
    });

    test('it stops, and once more', async () => {
      await watched.engine.stop();
      await watched.engine.stop();

      expect(watched.engine.cost().connections).toBe(0);
    });
  });
}
