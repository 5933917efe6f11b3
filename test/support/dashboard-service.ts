import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Bull from 'bull';
import type { Browser } from 'playwright-core';
import { startBrowser } from './browser.js';
import { type BullWorker, startBullWorker } from './bull-worker.js';
import { type RedisServer, startRedisServer } from './redis-server.js';
import { type ServiceProcess, startServiceProcess } from './service-process.js';

export interface DashboardService {
  readonly browser: Browser;
  readonly redis: RedisServer;
  readonly worker: BullWorker;
  readonly queue: Bull.Queue;
  /** Of the service itself. */
  readonly url: string;
  /** Where the dashboard is. */
  readonly dashboard: string;
  close(): Promise<void>;
}

/** The queue that the worker of these tests serves. */
export const QUEUE = 'orders';

/** A browser before the real service, over a real Redis with a real Bull worker. */
export function startDashboardService(...words: readonly string[]): Promise<DashboardService> {
  return startDashboardServiceWith({ words });
}

/** The same with settings in the environment. */
export async function startDashboardServiceWith({
  words = [],
  env = {},
}: {
  readonly words?: readonly string[];
  readonly env?: Record<string, string>;
}): Promise<DashboardService> {
  const endings: (() => Promise<unknown> | unknown)[] = [];
  const close = async (): Promise<void> => {
    for (let end = endings.pop(); end !== undefined; end = endings.pop()) await end();
  };
  try {
    const data = mkdtempSync(join(tmpdir(), 'taskscope-browser-'));
    endings.push(() => rmSync(data, { recursive: true, force: true }));
    const redis = await startRedisServer();
    endings.push(() => redis.stop());
    const worker = await startBullWorker({ url: redis.url, queue: QUEUE, locks: 'ordinary' });
    endings.push(() => worker.kill());
    const queue = new Bull(QUEUE, redis.url);
    endings.push(() => queue.close());
    const service: ServiceProcess = await startServiceProcess(
      process.execPath,
      ['dist/src/cli.js', '--port', '0', '--data', data, ...words, `shop=bull+${redis.url}`],
      { within: 60_000, env },
    );
    endings.push(() => service.kill());
    const browser = await startBrowser();
    endings.push(() => browser.close());
    const prefix = words.includes('--prefix') ? (words[words.indexOf('--prefix') + 1] ?? '') : '/flower';
    return { browser, redis, worker, queue, url: service.url, dashboard: `${service.url}${prefix}`, close };
  } catch (error) {
    await close();
    throw error;
  }
}
