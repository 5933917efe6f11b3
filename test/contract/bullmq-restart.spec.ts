import { afterEach, describe, expect, test } from '@jest/globals';
import type { EngineEvent, TaskEvent, TaskEventKind } from '../../src/core/task-event.js';
import { startBullmqAgentWorker } from '../support/bullmq-agent-worker.js';
import { BullmqApp } from '../support/bullmq-app.js';
import { bullmqEngine } from '../support/bullmq-watched.js';
import { eventually } from '../support/eventually.js';
import { startRedisServer } from '../support/redis-server.js';
import { Watched } from './watched.js';

const ROUNDS = 4;
const PER_ROUND = 400;
const GONE = { removeOnComplete: true, removeOnFail: true };

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** What a run has told up to a moment, and the position of that moment: as a process killed right then leaves it. */
interface Remains {
  readonly events: readonly EngineEvent[];
  readonly position: unknown;
  readonly at: number;
}

async function killed(watched: Watched): Promise<Remains> {
  const position: unknown = JSON.parse(JSON.stringify(watched.engine.position()));
  const remains = { events: [...watched.events], position, at: Date.now() };
  await watched.engine.stop();
  return remains;
}

/** Facts of a kind, each once, as live state counts them. */
function facts(events: readonly EngineEvent[], kind: TaskEventKind, name: string): readonly TaskEvent[] {
  const distinct = new Map<string, TaskEvent>();
  for (const event of events) {
    if (event.kind !== kind || !('id' in event) || event.occurrence === null) continue;
    const key = `${event.id} ${event.occurrence}`;
    distinct.set(key, { ...event, name: event.name ?? distinct.get(key)?.name ?? nameOf(events, event.id) });
  }
  return [...distinct.values()].filter((event) => event.name === `shop.${name}`);
}

/** A task keeps the name under which it was heard of first. */
function nameOf(events: readonly EngineEvent[], id: string): string | null {
  for (const event of events) if ('id' in event && event.id === id && event.name !== null) return event.name;
  return null;
}

describe.each([
  ['with the agent', true],
  ['without an agent', false],
])('A service killed while BullMQ tasks run, %s', (_, agent) => {
  test('goes on in the streams where its position was stored, and counts each fact once', async () => {
    const redis = await startRedisServer({ args: ['--appendonly', 'no'] });
    endings.push(() => redis.stop());
    const app = new BullmqApp(redis.port, 6);
    endings.push(() => app.close());
    const queue = app.queue('shop');
    await queue.waitUntilReady();
    const options = { major: 6, port: redis.port, queue: 'shop', locks: 'ordinary' } as const;
    const worker = await startBullmqAgentWorker(agent ? options : { ...options, agentRedis: '' });
    endings.push(() => worker.kill());

    let watched = new Watched(bullmqEngine(redis.url));
    endings.push(() => watched.engine.stop());
    await watched.connected();
    await watched.knows('shop');
    const told: EngineEvent[] = [];
    const away: number[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      // The application gives this name again every time.
      await queue.add('daily', { ms: 1 }, { ...GONE, jobId: 'daily' });
      const jobs = Array.from({ length: PER_ROUND }, (_, n) => ({
        name: n % 20 === 0 ? 'fail' : n % 20 === 1 ? 'retry' : 'ok',
        data: {},
        opts: { ...GONE, attempts: n % 20 === 1 ? 3 : 1, backoff: 20 },
      }));
      await queue.addBulk(jobs);
      await eventually(
        () =>
          expect(facts([...told, ...watched.events], 'task-succeeded', 'ok').length).toBeGreaterThan(
            (round - 1) * 360 + 20,
          ),
        { within: 20_000, every: 10 },
      );
      await eventually(
        () =>
          expect(facts([...told, ...watched.events], 'task-succeeded', 'daily').length).toBe(
            round > 2 ? round + 1 : round,
          ),
        { within: 20_000, every: 10 },
      );
      const { events, position, at } = await killed(watched);
      told.push(...events);
      away.push(at);
      if (round === 2) {
        await queue.add('daily', { ms: 1 }, { ...GONE, jobId: 'while-away' });
        await eventually(async () => expect(await queue.getJobCountByTypes('wait', 'active')).toBe(0), {
          within: 20_000,
        });
      }
      const engine = bullmqEngine(redis.url);
      expect(engine.resume(position, at)).toBe(true);
      watched = new Watched(engine);
      // Killed again before anything was read.
      if (round === 3) {
        const early: unknown = JSON.parse(JSON.stringify(engine.position()));
        await engine.stop();
        const next = bullmqEngine(redis.url);
        expect(next.resume(early, at)).toBe(true);
        watched = new Watched(next);
      }
      await watched.connected();
    }

    const all = ROUNDS * PER_ROUND;
    await eventually(
      () => {
        const heard = [...told, ...watched.events];
        expect(facts(heard, 'task-succeeded', 'ok').length).toBe(all * 0.9);
        expect(facts(heard, 'task-failed', 'fail').length).toBe(all * 0.05);
        expect(facts(heard, 'task-retried', 'retry').length).toBe(all * 0.1);
        expect(facts(heard, 'task-succeeded', 'retry').length).toBe(all * 0.05);
        expect(facts(heard, 'task-succeeded', 'daily').length).toBe(ROUNDS + 1);
        // Each time away is said to have been one.
        const gaps = heard.filter((event) => event.kind === 'gap');
        expect(away.filter((at) => !gaps.some(({ from, to }) => from <= at && at <= to))).toEqual([]);
      },
      { within: 20_000, every: 100 },
    );
    const heard = [...told, ...watched.events];
    for (const kind of ['task-succeeded', 'task-failed'] as const) {
      const distinct = new Set(
        heard.flatMap((event) => (event.kind === kind ? [`${event.id} ${event.occurrence}`] : [])),
      );
      expect(distinct.size).toBe(kind === 'task-succeeded' ? all * 0.95 + ROUNDS + 1 : all * 0.05);
    }
    expect(heard.filter((event) => event.kind === 'reconciled')).toEqual([]);
    // And to have cost nothing.
    for (const gap of heard) if (gap.kind === 'gap') expect(gap).toMatchObject({ missed: 0, exactness: 'exact' });
  }, 90_000);

  test('finds among the kept tasks what was cut off the stream meanwhile', async () => {
    const redis = await startRedisServer({ args: ['--appendonly', 'no'] });
    endings.push(() => redis.stop());
    const app = new BullmqApp(redis.port, 6);
    endings.push(() => app.close());
    const queue = app.queue('shop');
    await queue.waitUntilReady();
    const first = new Watched(bullmqEngine(redis.url));
    endings.push(() => first.engine.stop());
    await first.connected();
    await first.knows('shop');
    await eventually(() => expect(JSON.stringify(first.engine.position())).toContain('bull:shop'), { within: 10_000 });
    const { position, at } = await killed(first);
    const options = { major: 6, port: redis.port, queue: 'shop', locks: 'ordinary' } as const;
    const worker = await startBullmqAgentWorker(agent ? options : { ...options, agentRedis: '' });
    endings.push(() => worker.kill());
    await queue.trimEvents(0);
    await queue.addBulk(Array.from({ length: 300 }, () => ({ name: 'ok', data: {}, opts: { removeOnFail: true } })));
    await eventually(async () => expect(await queue.getJobCountByTypes('completed')).toBe(300), { within: 20_000 });
    await queue.trimEvents(10);
    const engine = bullmqEngine(redis.url);
    engine.resume(position, at);
    const watched = new Watched(engine);
    endings.push(() => watched.engine.stop());
    await eventually(
      () => expect(watched.gaps().map(({ reason }) => reason)).toEqual(expect.arrayContaining(['disconnected'])),
      { within: 20_000 },
    );
    expect(watched.distinct('task-succeeded')).toBe(300);
  }, 60_000);
});
