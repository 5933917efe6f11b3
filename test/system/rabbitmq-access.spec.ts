import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type CelerySender,
  type CeleryWorkerProcess,
  startCelerySender,
  startCeleryWorker,
} from '../support/celery-worker.js';
import { ask, check, reportsOf, startOn } from '../support/checked-broker.js';
import { eventually } from '../support/eventually.js';
import { type RabbitServer, startRabbitServer } from '../support/rabbitmq-server.js';
import { isRecord, recordsOf } from '../support/records.js';
import type { ServiceProcess } from '../support/service-process.js';

const data = mkdtempSync(join(tmpdir(), 'taskscope-data-'));
afterAll(() => rmSync(data, { recursive: true, force: true }));

describe('the least access to a RabbitMQ with Celery in it', () => {
  let rabbit: RabbitServer;
  let worker: CeleryWorkerProcess;
  let sender: CelerySender;

  beforeAll(async () => {
    rabbit = await startRabbitServer();
    worker = startCeleryWorker({ broker: rabbit.url, name: 'plain', pool: 'threads' });
    sender = startCelerySender({ broker: rabbit.url });
  }, 90_000);

  afterAll(async () => {
    await sender?.stop();
    await worker?.kill();
    await rabbit?.stop();
  });

  /** Makes a user by the line that check has printed, and names the broker by it. */
  const grant = async (level: 'watch' | 'operate'): Promise<object> => {
    const [report] = reportsOf(await check({ url: rabbit.url }));
    const line = isRecord(report?.grants) ? String(report?.grants[level]) : '';
    const patterns = [...line.matchAll(/'([^']+)'/g)].map(([, pattern = '']) => pattern);
    expect(patterns).toHaveLength(3);
    await rabbit.control('add_user', level, 'secret');
    await rabbit.control('set_permissions', level, ...patterns);
    return { url: `amqp://${level}:secret@127.0.0.1:${rabbit.port}//` };
  };

  const drain = (service: ServiceProcess, queue: string): Promise<Response> =>
    fetch(`${service.url}/api/v1/celery/queues/${queue}/drain`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ expected_count: 100 }),
    });

  test('to watch, is enough to see everything and to command workers', async () => {
    const broker = await grant('watch');
    const service = await startOn(broker, data);
    try {
      await eventually(
        async () => {
          const workers = recordsOf(await ask(service, 'workers/status'), 'workers');
          expect(workers).toEqual([expect.objectContaining({ name: 'plain@test', status: 'online' })]);
        },
        { within: 40_000, every: 500 },
      );
      const id = await sender.send({ name: 'tasks.sleep', args: [60], options: { countdown: 3600 } });
      await eventually(
        async () => expect(await ask(service, `tasks/${id}/revoke`, 'POST')).toMatchObject({ outcome: 'revoked' }),
        { within: 20_000, every: 500 },
      );
      expect(JSON.stringify(await ask(service, 'queues/status'))).toContain('"celery"');
      expect(await check(broker)).toMatchObject({ code: 0 });

      const refused = await drain(service, 'celery');
      expect(refused.ok).toBe(false);
      expect(await refused.text()).toContain('access rules of the broker deny');
    } finally {
      service.kill();
    }
  }, 120_000);

  test('to operate, is enough to run a task again and to empty a queue', async () => {
    const service = await startOn(await grant('operate'), data);
    try {
      const again = async (): Promise<unknown> => {
        const id = await sender.send({ name: 'tasks.add', args: [1, 2] });
        await eventually(async () => expect(await ask(service, `tasks/${id}`)).toMatchObject({ state: 'SUCCESS' }));
        return ask(service, `tasks/${id}/retry`, 'POST');
      };
      await eventually(async () => expect(await again()).toMatchObject({ new_task_id: expect.any(String) }), {
        within: 60_000,
        every: 500,
      });
      // More than the worker runs and has fetched.
      await sender.sendMany({ name: 'tasks.sleep', args: [60], times: 20 });
      await eventually(
        async () => {
          const { removed_count } = Object(await (await drain(service, 'celery')).json());
          expect(removed_count).toBeGreaterThan(5);
        },
        { within: 60_000, every: 500 },
      );
    } finally {
      service.kill();
    }
  }, 150_000);
});
