import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Bull from 'bull';
import { Queue } from 'bullmq6';
import { startBullWorker } from './bull-worker.js';
import { startBullmqAgentWorker } from './bullmq-agent-worker.js';
import { startCelerySender, startCeleryWorker } from './celery-worker.js';
import { startPrometheus } from './prometheus-server.js';
import { freePort, startRedisServer } from './redis-server.js';
import { scaledRules } from './scaled-rules.js';
import { startServiceProcess } from './service-process.js';

const RULES = 'deploy/prometheus';
const BOOTSTEP = fileURLToPath(new URL('../../agent/celery/', import.meta.url));
/** Longer than the service is frozen for at a time: a scrape has to come through. */
export const SCRAPE_SECONDS = 2;

const TRAINED = { model_type: 'tree', task_type: 'regression', training_time: 12, train_samples: 600, n_features: 8 };
const TUNED = {
  model_type: 'tree',
  tuning_method: 'grid',
  tuning_time: 90,
  total_combinations: 12,
  best_score: 0.83,
};

export type MonitoredWorkers = Awaited<ReturnType<typeof startMonitoredWorkers>>;

/**
 * The service over five sources, scraped by a Prometheus with the shipped rules: "shop" (Bull, with agents), "lab" (BullMQ, with an agent),
 * "etl" and "ml" (Celery, with the bootstep) and "away" (a Redis that can be taken away). Jobs flow and succeed in the first three.
 */
export async function startMonitoredWorkers() {
  const endings: (() => Promise<unknown> | unknown)[] = [];
  const close = async (): Promise<void> => {
    for (let end = endings.pop(); end !== undefined; end = endings.pop()) await end();
  };
  const started = <T>(made: T, end: (made: T) => Promise<unknown> | unknown): T => {
    endings.push(() => end(made));
    return made;
  };
  const every = (ms: number, what: () => Promise<unknown>): void => {
    const timer = setInterval(() => void what().catch(() => undefined), ms);
    endings.push(() => clearInterval(timer));
  };
  try {
    const folder = started(mkdtempSync(join(tmpdir(), 'taskscope-monitoring-')), (path) =>
      rmSync(path, { recursive: true, force: true }),
    );
    const redis = async () => started(await startRedisServer(), (server) => server.stop());
    const [jobs, messages, away] = await Promise.all([redis(), redis(), redis()]);
    const [etl, ml] = [`${messages.url}/0`, `${messages.url}/1`];

    const celery = (broker: string, name: string, queue: string, pool: 'threads' | 'prefork') =>
      started(
        startCeleryWorker({
          broker,
          results: broker,
          name,
          pool,
          concurrency: 1,
          queues: [queue],
          environment: { BOOTSTEP, TASKSCOPE_INTERVAL_SECONDS: '1' },
        }),
        (worker) => worker.kill(),
      );
    const busy = celery(etl, 'busy', 'celery', 'threads');
    const doomed = celery(etl, 'doomed', 'doomed', 'threads');
    const stuck = celery(ml, 'stuck', 'stuck', 'prefork');
    const sender = (broker: string) =>
      started(startCelerySender({ broker, results: broker }), (process) => process.stop());
    const [etlSender, mlSender] = [sender(etl), sender(ml)];

    const metricsPort = await freePort();
    const [, lone] = await Promise.all([
      startBullWorker({ url: jobs.url, queue: 'shop' }).then((worker) => started(worker, () => worker.kill())),
      startBullWorker({ url: jobs.url, queue: 'lone', metricsPort }).then((worker) =>
        started(worker, () => worker.kill()),
      ),
      startBullmqAgentWorker({ major: 6, port: jobs.port, queue: 'lab' }).then((worker) =>
        started(worker, () => worker.kill()),
      ),
    ]);

    const service = started(
      await startServiceProcess(
        process.execPath,
        [
          'dist/src/cli.js',
          ...['--port', '0', '--data', join(folder, 'data')],
          ...[`shop=bull+${jobs.url}`, `lab=bullmq+${jobs.url}`, `away=bull+${away.url}`],
          ...[`etl=celery+${etl}`, `ml=celery+${ml}`],
        ],
        { within: 60_000 },
      ),
      (running) => running.kill(),
    );
    const ruleFiles = readdirSync(RULES)
      .filter((file) => file.endsWith('-rules.yml'))
      .map((file) => {
        writeFileSync(join(folder, file), scaledRules(join(RULES, file)));
        return join(folder, file);
      });
    const prometheus = started(
      await startPrometheus({
        jobs: { taskscope: new URL(service.url).host, celery_workers: `127.0.0.1:${metricsPort}` },
        ruleFiles,
        everySeconds: SCRAPE_SECONDS,
      }),
      (server) => server.stop(),
    );

    const bull = (name: string): Bull.Queue => started(new Bull(name, jobs.url), (queue) => queue.close());
    /** Jobs that keep coming, until the test is over. */
    const flow = (queue: Bull.Queue, name: string, everyMs: number, data: object, options: Bull.JobOptions = {}) =>
      every(everyMs, () => queue.add(name, data, { removeOnComplete: true, removeOnFail: true, ...options }));
    const shop = bull('shop');
    flow(shop, 'ok', 250, TRAINED);
    flow(shop, 'retry', 1_000, {}, { attempts: 3, delay: 100 });
    const lab = started(new Queue('lab', { connection: { host: '127.0.0.1', port: jobs.port } }), (queue) =>
      queue.close(),
    );
    every(500, () => lab.add('ok', TUNED, { removeOnComplete: true }));

    return {
      ...{ service, prometheus, jobs, away, shop, bull, flow, history: join(folder, 'data', 'history.sqlite') },
      ...{ busy, doomed, stuck, lone, etlSender, mlSender, close },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
