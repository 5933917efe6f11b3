import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Bull from 'bull';
import type { Browser } from 'playwright-core';
import { startBrowser } from './browser.js';
import { startBullWorker } from './bull-worker.js';
import { type CelerySender, type CeleryWorkerProcess, startCelerySender, startCeleryWorker } from './celery-worker.js';
import { eventually } from './eventually.js';
import { startRedisServer } from './redis-server.js';
import { startServiceProcess } from './service-process.js';

export interface MixedService {
  readonly browser: Browser;
  /** Of the service itself. */
  readonly url: string;
  readonly dashboard: string;
  readonly worker: CeleryWorkerProcess;
  readonly sender: CelerySender;
  /** Of Bull, named `orders`, with a worker. */
  readonly queue: Bull.Queue;
  configureRedis(name: string, value: string): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * A browser before the real service, over a real Redis with a real Celery worker (source `app`) and a real Bull worker (source `shop`).
 * `environment` is that of Celery's producer.
 */
export async function startMixedService(environment: Readonly<Record<string, string>> = {}): Promise<MixedService> {
  const endings: (() => Promise<unknown> | unknown)[] = [];
  const close = async (): Promise<void> => {
    for (let end = endings.pop(); end !== undefined; end = endings.pop()) await end();
  };
  try {
    const data = mkdtempSync(join(tmpdir(), 'taskscope-browser-'));
    endings.push(() => rmSync(data, { recursive: true, force: true }));
    const redis = await startRedisServer();
    endings.push(() => redis.stop());
    const broker = `${redis.url}/1`;
    const worker = startCeleryWorker({
      broker,
      environment: { BEAT: '1' },
      name: 'hands',
      concurrency: 2,
      queues: ['celery', 'mail'],
    });
    endings.push(() => worker.kill());
    const sender = startCelerySender({ broker, environment });
    endings.push(() => sender.stop());
    const bull = await startBullWorker({ url: redis.url, queue: 'orders', locks: 'ordinary' });
    endings.push(() => bull.kill());
    const queue = new Bull('orders', redis.url);
    endings.push(() => queue.close());
    const service = await startServiceProcess(process.execPath, ['dist/src/cli.js', '--port', '0', '--data', data], {
      within: 60_000,
      env: {
        TASKSCOPE_BROKERS: JSON.stringify([
          { name: 'app', url: broker, engine: 'celery', celery: { sendable: ['tasks.fail', 'tasks.ad*'] } },
          { name: 'shop', url: redis.url, engine: 'bull' },
        ]),
      },
    });
    endings.push(() => service.kill());
    const browser = await startBrowser();
    endings.push(() => browser.close());
    await eventually(() => heardOf(service.url, worker.name), { within: 60_000, every: 250 });
    const configureRedis = (name: string, value: string) => queue.client.config('SET', name, value);
    return {
      configureRedis,
      browser,
      url: service.url,
      dashboard: `${service.url}/flower`,
      worker,
      sender,
      queue,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Resolves once the service counts the worker among those that are up; rejects before. */
async function heardOf(url: string, name: string): Promise<void> {
  const answer = await fetch(`${url}/api/v1/celery/workers/${encodeURIComponent(name)}`);
  const said: unknown = await answer.json();
  const up = typeof said === 'object' && said !== null && 'up' in said && said.up === true;
  if (!up) throw new Error(`expected ${name} to be up, found ${JSON.stringify(said)}`);
}
