import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from '../test/support/browser.js';
import { floodOf } from '../test/support/celery-flood.js';
import { type RedisServer, startRedisServer } from '../test/support/redis-server.js';
import { measureTimeline } from './dashboard-timeline.js';
import { measureTyping } from './dashboard-typing.js';
import { type Figure, figure } from './figure.js';
import { framesWhile } from './frames.js';
import { fillHistory } from './history-fill.js';
import { type MeasuredService, startMeasuredService } from './measured-service.js';

const TASKS = Number(process.env.BENCH_HISTORY_TASKS ?? 1_000_000);
const EVENTS_PER_TASK = 3;
const EVENTS_PER_SECOND = 2_000;
const FAST_EVENTS_PER_SECOND = 10_000;
const TICK_MS = 100;
const BROWSERS = 10;
const WATCH_SECONDS = 10;
const MAX_FILTER_MS = 200;
const MIN_FRAMES = 50;
const MAX_FROZEN_MS = 500;
const MAX_CORE_PERCENT = 10;

/** A real browser before the service with a million tasks in its history, while events come in. */
export async function measureDashboard(): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'taskscope-bench-'));
  const redis = await startRedisServer({
    args: ['--client-output-buffer-limit', 'pubsub 0 0 0', '--appendonly', 'no'],
  });
  const browser = await startBrowser();
  try {
    await fillHistory(join(folder, 'history.sqlite'), TASKS, Date.now());
    const service = await startMeasuredService(['--data', folder, `bench=celery+${redis.url}`]);
    try {
      const typing = await underLoad(redis, EVENTS_PER_SECOND, () =>
        inPage(browser, (page) => measureTyping(page, `${service.url}/flower/tasks`)),
      );
      const scrolling = await underLoad(redis, EVENTS_PER_SECOND, () => measureScrolling(browser, service));
      const timeline = await underLoad(redis, EVENTS_PER_SECOND, () =>
        inPage(browser, (page) => measureTimeline(page, `${service.url}/flower`)),
      );
      const flood = await underLoad(redis, FAST_EVENTS_PER_SECOND, () => measureLive(browser, service));
      const readers = await underLoad(redis, EVENTS_PER_SECOND, () => measureReaders(browser, service));
      return [
        figure('typed in the filter, until its results are seen, median', typing.shownMs, 'ms', {
          text: `at most ${MAX_FILTER_MS}`,
          good: typing.shownMs <= MAX_FILTER_MS,
        }),
        figure('of this, from the request to the end of its answer', typing.answeredMs, 'ms'),
        figure(`scrolling, ${EVENTS_PER_SECOND} events/s arriving`, scrolling.perSecond, 'frames/s', {
          text: `at least ${MIN_FRAMES}`,
          good: scrolling.perSecond >= MIN_FRAMES,
        }),
        figure("the same, work of the page's thread", scrolling.workMs, 'ms a frame'),
        figure(`timeline of ${timeline.bars} bars, zoomed and moved`, timeline.perSecond, 'frames/s', {
          text: `at least ${MIN_FRAMES}`,
          good: timeline.perSecond >= MIN_FRAMES,
        }),
        figure("the same, work of the page's thread", timeline.workMs, 'ms a frame'),
        figure(`longest frame, ${FAST_EVENTS_PER_SECOND} events/s arriving`, flood.longestMs, 'ms', {
          text: `at most ${MAX_FROZEN_MS}`,
          good: flood.longestMs <= MAX_FROZEN_MS,
        }),
        figure(`${BROWSERS} open browsers rather than one`, readers.corePercent, '% of a core more', {
          text: `at most ${MAX_CORE_PERCENT}`,
          good: readers.corePercent <= MAX_CORE_PERCENT,
        }),
        figure('the same, commands to the broker', readers.commandsPerSecond, 'commands/s more'),
      ];
    } finally {
      await service.stop();
    }
  } finally {
    await browser.close();
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const WINDOW = { viewport: { width: 1440, height: 900 } } as const;

async function inPage<T>(browser: Browser, work: (page: Page) => Promise<T>): Promise<T> {
  const page = await browser.newPage(WINDOW);
  try {
    return await work(page);
  } finally {
    await page.close();
  }
}

async function openTasks(browser: Browser, service: MeasuredService): Promise<Page> {
  const page = await browser.newPage(WINDOW);
  await page.goto(`${service.url}/flower/tasks`);
  await page.getByRole('grid', { name: /^Tasks/ }).waitFor();
  return page;
}

async function measureScrolling(browser: Browser, service: MeasuredService) {
  const page = await openTasks(browser, service);
  await page.locator('.table').hover();
  const frames = await framesWhile(page, async () => {
    for (let turn = 0; turn < 150; turn += 1) {
      await page.mouse.wheel(0, 120);
      await new Promise((resolve) => setTimeout(resolve, 16));
    }
  });
  await page.close();
  return frames;
}

async function measureLive(browser: Browser, service: MeasuredService) {
  const page = await openTasks(browser, service);
  const frames = await framesWhile(page, () => new Promise((resolve) => setTimeout(resolve, WATCH_SECONDS * 1_000)));
  await page.close();
  return frames;
}

/** What nine further readers cost the service and the broker. */
async function measureReaders(browser: Browser, service: MeasuredService) {
  const first = await browser.newPage();
  await first.goto(`${service.url}/flower/`);
  const one = await costOf(service);
  const others = await Promise.all(Array.from({ length: BROWSERS - 1 }, () => browser.newPage()));
  for (const page of others) await page.goto(`${service.url}/flower/`);
  const many = await costOf(service);
  for (const page of [first, ...others]) await page.close();
  return { corePercent: (many.core - one.core) * 100, commandsPerSecond: many.commands - one.commands };
}

/** Per second: CPU seconds of the service, and commands that it sent. */
async function costOf(service: MeasuredService) {
  const commands = () => service.metric('taskscope_broker_commands_total');
  const [cpu, sent] = [service.cpu(), await commands()];
  await new Promise((resolve) => setTimeout(resolve, WATCH_SECONDS * 1_000));
  return { core: (service.cpu() - cpu) / WATCH_SECONDS, commands: ((await commands()) - sent) / WATCH_SECONDS };
}

/** Publishes events at a steady rate for as long as `work` takes. */
async function underLoad<T>(redis: RedisServer, eventsPerSecond: number, work: () => Promise<T>): Promise<T> {
  const publisher = new Redis(redis.url);
  const perTick = Math.round((eventsPerSecond / EVENTS_PER_TASK) * (TICK_MS / 1_000));
  let from = 0;
  const timer = setInterval(() => {
    const flood = floodOf({ tasks: perTick, names: 50, workers: 8, perMessage: 100, from });
    from += perTick;
    for (const message of flood) void publisher.publish('/0.celeryev/task.multi', message);
  }, TICK_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await publisher.quit();
  }
}
