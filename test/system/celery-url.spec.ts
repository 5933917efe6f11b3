import { afterEach, expect, test } from '@jest/globals';
import { startCelerySender, startCeleryWorker } from '../support/celery-worker.js';
import { eventually } from '../support/eventually.js';
import { startRabbitServer } from '../support/rabbitmq-server.js';
import { startRedisServer } from '../support/redis-server.js';
import { startServiceProcess } from '../support/service-process.js';

const endings: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
}, 60_000);

/** One that runs, four that Celery fetches ahead for a pool of one, and the rest. */
const SENT = 9;
const WAITING = 4;

test.each([
  ['Redis', startRedisServer],
  ['RabbitMQ', startRabbitServer],
])(
  'the URL alone of a %s shows a Celery that runs there: its worker, its queue, what it runs, and metrics',
  async (_name, start) => {
    const broker: { readonly url: string; stop(): Promise<void> } = await start();
    endings.push(() => broker.stop());
    const application = { broker: broker.url };
    const worker = startCeleryWorker({ ...application, name: 'there', concurrency: 1 });
    endings.push(() => worker.kill());
    const sender = startCelerySender(application);
    endings.push(() => sender.stop());
    const ids = await sender.sendMany({ name: 'tasks.sleep', args: [600], times: SENT });

    const service = await startServiceProcess(process.execPath, ['dist/src/cli.js', '--port', '0', broker.url], {
      within: 60_000,
    });
    endings.push(() => service.kill());

    const get = async (path: string): Promise<unknown> => (await fetch(`${service.url}/api/v1/celery/${path}`)).json();
    await eventually(
      async () => {
        expect(await get('workers/status')).toMatchObject({
          workers: [{ name: 'there@test', status: 'online', pool: { max_concurrency: 1 }, queues: ['celery'] }],
        });
        expect(await get('queues/status')).toMatchObject({
          queues: [{ name: 'celery', length: WAITING, active: 1, consumers: 1 }],
        });
        expect(await get('tasks/status')).toMatchObject({
          summary: { active: 1 },
          active_tasks: [{ task_id: ids[0], task_name: 'tasks.sleep', worker: 'there@test' }],
        });
        const metrics = await (await fetch(`${service.url}/metrics`)).text();
        expect(metrics).toMatch(/^celery_worker_up\{worker_name="there@test",.*\} 1$/m);
        expect(metrics).toMatch(/^celery_active_tasks\{task_name="tasks.sleep",.*\} 1$/m);
        expect(metrics).toMatch(/^celery_queue_length\{queue_name="celery",.*\} 4$/m);
      },
      { within: 60_000, every: 250 },
    );
  },
  300_000,
);
