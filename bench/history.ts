import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { floodOf, preparePublishing } from '../test/support/celery-flood.js';
import { eventually } from '../test/support/eventually.js';
import { type RedisServer, startRedisServer } from '../test/support/redis-server.js';
import { type Figure, figure } from './figure.js';
import { fillHistory } from './history-fill.js';
import { measureSearches, searchesOf } from './history-searches.js';
import { type MeasuredService, startMeasuredService } from './measured-service.js';

const TASKS = Number(process.env.BENCH_HISTORY_TASKS ?? 1_000_000);
const FLOODS = Number(process.env.BENCH_HISTORY_FLOODS ?? 4);
const ROUNDS = Number(process.env.BENCH_HISTORY_ROUNDS ?? 100);
const FLOOD = 30_000;
const EVENTS_PER_TASK = 3;
const EVENTS_PER_SECOND = 2_000;
/** Longer than the searches take. */
const LOAD_SECONDS = 90;
/** At least: so that memory also lets go of what has ended. */
const WATCHED_SECONDS = Number(process.env.BENCH_HISTORY_SECONDS ?? 60);
const TICK_MS = 50;
const MEGABYTE = 1e6;
const MAX_RSS = 300;
const MAX_SEARCH_MS = 100;
const MAX_BYTES = 700;
const MIN_SHARE = 50;
const MAX_LOOP_MS = 50;

/**
 * The service with a million tasks in its history: what it costs to keep them, and how fast they are found while events come in. Memory is what
 * the kernel says of the process of the service, which has no other: at most since its start until the searches are over, and at most with
 * the floods that follow. The floods go to a service with and to one without a history in turn, so that both meet the same machine.
 */
export async function measureHistory(): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'taskscope-bench-'));
  const parts: { stop(): Promise<void> }[] = [];
  const started = <T extends { stop(): Promise<void> }>(part: T): T => {
    parts.push(part);
    return part;
  };
  const redis = async (): Promise<RedisServer> =>
    started(await startRedisServer({ args: ['--client-output-buffer-limit', 'pubsub 0 0 0', '--appendonly', 'no'] }));
  const serve = async (server: RedisServer, ...args: readonly string[]): Promise<MeasuredService> =>
    started(await startMeasuredService([...args, `bench=celery+${server.url}`]));
  try {
    const now = Date.now();
    const filled = await fillHistory(join(folder, 'history.sqlite'), TASKS, now);
    const [ours, other] = [await redis(), await redis()];
    const service = await serve(ours, '--history', '--data', folder);
    const searches = await underLoad(ours, service, () => measureSearches(service, searchesOf(TASKS, now), ROUNDS));
    const loopMs = (await service.metric('taskscope_event_loop_delay_p99_seconds')) * 1000;
    const rss = service.peakRss() / MEGABYTE;
    const without = await serve(other, '--no-history', '--data', join(folder, 'without'));
    const cost = { without: 0, with: 0 };
    for (let round = 0; round <= FLOODS; round += 1) {
      const [bare, stored] = [await floodCpu(other, without, round), await floodCpu(ours, service, round)];
      // The first round compiles.
      if (round === 0) continue;
      cost.without += bare / (FLOOD * FLOODS);
      cost.with += stored / (FLOOD * FLOODS);
    }
    const share = (cost.without / cost.with) * 100;
    const shed = await service.metric('taskscope_history_shed_total');
    const floodRss = service.peakRss() / MEGABYTE;
    const perTask = filled.bytes / TASKS;
    const memory = (what: string, value: number): Figure =>
      figure(what, value, 'MB', { text: `below ${MAX_RSS}`, good: value < MAX_RSS });
    return [
      figure('tasks stored, by the store alone', filled.tasksPerCpuSecond, 'tasks/CPU-s'),
      figure('on disk, per plain task', perTask, 'bytes', { text: `at most ${MAX_BYTES}`, good: perTask <= MAX_BYTES }),
      ...searches.flatMap(({ what, p50Ms, p99Ms, partial, asked }) => [
        figure(`${what}: p50${partial > 0 ? `, ${partial} of ${asked} not to the end` : ''}`, p50Ms, 'ms'),
        figure(`${what}: p99`, p99Ms, 'ms', { text: `at most ${MAX_SEARCH_MS}`, good: p99Ms <= MAX_SEARCH_MS }),
      ]),
      figure('delay of the event loop meanwhile, p99', loopMs, 'ms', {
        text: `at most ${MAX_LOOP_MS}`,
        good: loopMs <= MAX_LOOP_MS,
      }),
      memory(`memory at most, with ${EVENTS_PER_SECOND} events a second and the searches`, rss),
      figure('from the socket of Redis, without a history', 1 / cost.without, 'tasks/CPU-s'),
      figure('the same with a history', 1 / cost.with, 'tasks/CPU-s'),
      figure('as a share of without', share, '%', { text: `at least ${MIN_SHARE}`, good: share >= MIN_SHARE }),
      figure('tasks whose details were left out', shed, 'tasks', { text: 'none', good: shed === 0 }),
      memory('memory at most, after floods as fast as Redis gives them', floodRss),
      figure('the same without a history', without.peakRss() / MEGABYTE, 'MB'),
    ];
  } finally {
    for (const part of parts.reverse()) await part.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** CPU seconds of the whole service for a flood of tasks, as fast as Redis gives them, until all are counted and stored. */
async function floodCpu(redis: RedisServer, service: MeasuredService, round: number): Promise<number> {
  const publish = await preparePublishing(
    redis,
    floodOf({ tasks: FLOOD, names: 200, workers: 8, perMessage: 1, from: round * FLOOD }),
  );
  const counted = (await service.metric('celery_task_total')) + FLOOD;
  const before = service.cpu();
  await publish();
  await eventually(
    async () => {
      const found = await service.metric('celery_task_total');
      const pending = await service.metric('taskscope_history_pending_tasks');
      if (found < counted || pending > 0)
        throw new Error(`expected ${counted} tasks counted, found ${found}, ${pending} to be stored`);
    },
    { within: 60_000, every: 200 },
  );
  return service.cpu() - before;
}

/** Does some work while so many events come in every second. */
async function underLoad<T>(redis: RedisServer, service: MeasuredService, work: () => Promise<T>): Promise<T> {
  const tasks = Math.ceil((EVENTS_PER_SECOND * LOAD_SECONDS) / EVENTS_PER_TASK);
  const payloads = floodOf({ tasks, names: 200, workers: 8, perMessage: 1, from: (FLOODS + 1) * FLOOD });
  const publisher = new Redis(redis.port, '127.0.0.1');
  const began = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1000) * EVENTS_PER_SECOND);
    const pipeline = publisher.pipeline();
    for (; sent < Math.min(due, payloads.length); sent += 1)
      pipeline.publish('/0.celeryev/task.multi', payloads[sent] ?? '');
    void pipeline.exec();
  }, TICK_MS);
  try {
    // What the gauge says is of the time since it was asked last.
    await service.metric('taskscope_event_loop_delay_p99_seconds');
    const done = await work();
    // Also where the searches are over sooner.
    await new Promise((resolve) =>
      setTimeout(resolve, Math.max(0, WATCHED_SECONDS * 1000 - (performance.now() - began))),
    );
    return done;
  } finally {
    clearInterval(timer);
    publisher.disconnect();
  }
}
