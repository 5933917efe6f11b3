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
const FLOOD = 30_000;
const FLOODS = 4;
const EVENTS_PER_TASK = 3;
const EVENTS_PER_SECOND = 2_000;
const ROUNDS = 100;
/** Longer than the searches take. */
const LOAD_SECONDS = 90;
const TICK_MS = 50;
const MEGABYTE = 1e6;
const MAX_RSS = 300;
const MAX_SEARCH_MS = 100;
const MAX_BYTES = 700;
const MIN_SHARE = 50;
const MAX_LOOP_MS = 50;

/** The service with a million tasks in its history: what it costs to keep them, and how fast they are found while events come in. */
export async function measureHistory(): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'taskscope-bench-'));
  const redis = await startRedisServer({
    args: ['--client-output-buffer-limit', 'pubsub 0 0 0', '--appendonly', 'no'],
  });
  try {
    const now = Date.now();
    const filled = await fillHistory(join(folder, 'history.sqlite'), TASKS, now);
    const without = await ingestion(redis, ['--no-history', '--data', join(folder, 'without')]);
    await without.service.stop();
    const { service, tasksPerCpuSecond } = await ingestion(redis, ['--history', '--data', folder]);
    const share = (tasksPerCpuSecond / without.tasksPerCpuSecond) * 100;
    const shed = await service.metric('taskscope_history_shed_total');
    const searches = await underLoad(redis, service, () => measureSearches(service, searchesOf(TASKS, now), ROUNDS));
    const loopMs = (await service.metric('taskscope_event_loop_delay_p99_seconds')) * 1000;
    const rss = service.peakRss() / MEGABYTE;
    await service.stop();
    const perTask = filled.bytes / TASKS;
    return [
      figure('tasks stored, by the store alone', filled.tasksPerCpuSecond, 'tasks/CPU-s'),
      figure('on disk, per plain task', perTask, 'bytes', { text: `at most ${MAX_BYTES}`, good: perTask <= MAX_BYTES }),
      figure('from the socket of Redis, without a history', without.tasksPerCpuSecond, 'tasks/CPU-s'),
      figure('the same with a history', tasksPerCpuSecond, 'tasks/CPU-s'),
      figure('as a share of without', share, '%', { text: `at least ${MIN_SHARE}`, good: share >= MIN_SHARE }),
      figure('tasks whose details were left out', shed, 'tasks', { text: 'none', good: shed === 0 }),
      ...searches.flatMap(({ what, p50Ms, p99Ms, partial, asked }) => [
        figure(`${what}: p50${partial > 0 ? `, ${partial} of ${asked} not to the end` : ''}`, p50Ms, 'ms'),
        figure(`${what}: p99`, p99Ms, 'ms', { text: `at most ${MAX_SEARCH_MS}`, good: p99Ms <= MAX_SEARCH_MS }),
      ]),
      figure('delay of the event loop meanwhile, p99', loopMs, 'ms', {
        text: `at most ${MAX_LOOP_MS}`,
        good: loopMs <= MAX_LOOP_MS,
      }),
      figure('memory of the service at most', rss, 'MB', { text: `below ${MAX_RSS}`, good: rss < MAX_RSS }),
    ];
  } finally {
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** CPU of the whole service per task, as fast as Redis gives them, until all are counted and stored. */
async function ingestion(
  redis: RedisServer,
  args: readonly string[],
): Promise<{ readonly service: MeasuredService; readonly tasksPerCpuSecond: number }> {
  const service = await startMeasuredService([...args, `bench=celery+${redis.url}`]);
  let counted = await service.metric('celery_task_total');
  let cpu = 0;
  for (let round = 0; round <= FLOODS; round += 1) {
    const publish = await preparePublishing(
      redis,
      floodOf({ tasks: FLOOD, names: 200, workers: 8, perMessage: 1, from: round * FLOOD }),
    );
    const before = service.cpu();
    await publish();
    counted += FLOOD;
    await eventually(
      async () => {
        const found = await service.metric('celery_task_total');
        const pending = await service.metric('taskscope_history_pending_tasks');
        if (found < counted || pending > 0)
          throw new Error(`expected ${counted} tasks counted, found ${found}, ${pending} to be stored`);
      },
      { within: 60_000, every: 200 },
    );
    // The first round compiles.
    if (round > 0) cpu += service.cpu() - before;
  }
  return { service, tasksPerCpuSecond: (FLOOD * FLOODS) / cpu };
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
    return await work();
  } finally {
    clearInterval(timer);
    publisher.disconnect();
  }
}
