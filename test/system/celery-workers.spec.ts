import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import {
  type CelerySender,
  type CeleryWorkerProcess,
  startCelerySender,
  startCeleryWorker,
} from '../support/celery-worker.js';
import { eventually } from '../support/eventually.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';

const familySchema = z.object({
  items: z.array(
    z.object({ depth: z.number(), task: z.object({ task_name: z.string(), state: z.string() }).nullable() }),
  ),
});
const PATIENT = { within: 40_000, every: 250 } as const;

/** As the guide's users have it, but for the address and the id. */
const GUIDE_CLIENT = `
import json, sys, urllib.request

class requests:
    class get:
        def __init__(self, url, method="GET"):
            self.answer = urllib.request.urlopen(urllib.request.Request(url, method=method)).read()
        def json(self):
            return json.loads(self.answer)
    def post(url):
        return requests.get(url, method="POST")

base, task_id = sys.argv[1:]
response = requests.get(f'{base}/api/v1/celery/tasks/status')
data = response.json()
print(f"Active tasks: {data['summary']['active']}")
response = requests.get(f'{base}/api/v1/celery/tasks/{task_id}/status')
task_data = response.json()
print(f"Task state: {task_data['state']}")
requests.post(f'{base}/api/v1/celery/tasks/{task_id}/revoke')
summary = requests.get(f'{base}/api/v1/celery/metrics/summary').json()
print(f"Total workers: {summary['workers']['total']}")
print(f"Active tasks: {summary['tasks']['active']}")
`;

describe('The service before real Celery workers', () => {
  let dir: string;
  let redis: RedisServer;
  let service: ServiceProcess;
  let sender: CelerySender;
  let doomed: CeleryWorkerProcess;
  let stuck: CeleryWorkerProcess;
  const metrics = async (): Promise<readonly string[]> =>
    (await (await fetch(`${service.url}/metrics`)).text()).split('\n');
  const has = async (...lines: readonly string[]): Promise<void> =>
    expect(await metrics()).toEqual(expect.arrayContaining([...lines]));

  beforeAll(async () => {
    redis = await startRedisServer();
    dir = await mkdtemp(join(tmpdir(), 'taskscope-celery-'));
    const broker = `${redis.url}/0`;
    doomed = startCeleryWorker({ broker, results: broker, name: 'doomed', concurrency: 1 });
    stuck = startCeleryWorker({ broker, name: 'stuck', concurrency: 1, queues: ['stuck'] });
    sender = startCelerySender({ broker });
    const settings = { brokers: [{ name: 'app', url: broker, engine: 'celery', celery: { stalledSeconds: 3 } }] };
    await writeFile(join(dir, 'taskscope.yaml'), JSON.stringify(settings));
    const args = ['dist/src/cli.js', '--port', '0', '--no-history', '--config', join(dir, 'taskscope.yaml')];
    service = await startServiceProcess(process.execPath, args, { within: 60_000 });
    await eventually(
      () =>
        has(
          'celery_worker_up{worker_name="doomed@test",source="app"} 1',
          'celery_worker_pool_size{worker_name="doomed@test",source="app"} 1',
          'celery_worker_up{worker_name="stuck@test",source="app"} 1',
        ),
      { within: 60_000, every: 250 },
    );
  }, 130_000);

  afterAll(async () => {
    service?.kill();
    await sender?.stop();
    await doomed?.kill();
    await stuck?.kill();
    await redis?.stop();
    await rm(dir, { recursive: true, force: true });
  }, 30_000);

  test('the client of the guide works as it stands, and what it revokes is revoked', async () => {
    const id = await sender.send({ name: 'tasks.add', args: [1, 2], options: { countdown: 600 } });
    await eventually(async () => {
      const answer = await fetch(`${service.url}/api/v1/celery/tasks/${id}/status`);
      expect(await answer.json()).toMatchObject({ state: 'RECEIVED' });
    }, PATIENT);

    const said = execFileSync('/usr/bin/python3', ['-c', GUIDE_CLIENT, service.url, id], { encoding: 'utf8' });

    expect(said.split('\n')).toEqual([
      'Active tasks: 0',
      'Task state: RECEIVED',
      'Total workers: 2',
      'Active tasks: 0',
      '',
    ]);
  });

  test('workflows are told as families, and the task that a broken chord never runs as failed', async () => {
    const told = async (id: string): Promise<Record<string, unknown>> => {
      const answer: unknown = await (await fetch(`${service.url}/api/v1/celery/tasks/${id}/status`)).json();
      return z.record(z.string(), z.unknown()).parse(answer);
    };
    const family = async (id: string): Promise<readonly string[]> => {
      const answer: unknown = await (await fetch(`${service.url}/api/v1/celery/tasks/${id}/family`)).json();
      const { items } = familySchema.parse(answer);
      return items.map(({ depth, task }) => `${depth} ${task?.task_name} ${task?.state}`);
    };
    const woven = (kind: string): Promise<string> => sender.send({ name: 'tasks.weave', args: [kind] });
    const [chain, group, chord, broken] = [
      await woven('chain'),
      await woven('group'),
      await woven('chord'),
      await woven('broken chord'),
    ];
    const [root, add] = ['0 tasks.weave SUCCESS', (depth: number) => `${depth} tasks.add SUCCESS`];

    await eventually(async () => expect(await family(chain)).toEqual([root, add(1), add(2), add(3)]), PATIENT);
    await eventually(
      async () => expect([...(await family(group))].sort()).toEqual([root, add(1), add(1), '1 tasks.fail FAILURE']),
      PATIENT,
    );
    await eventually(
      async () => expect([...(await family(chord))].sort()).toEqual([root, add(1), add(1), '2 tasks.total SUCCESS']),
      PATIENT,
    );
    const [last] = z.array(z.string()).parse((await told(chord)).result);
    expect(await told(last ?? '')).toMatchObject({ state: 'SUCCESS', result: 10 });
    // No event tells of it: only the result backend knows.
    const [never] = z.array(z.string()).parse((await told(broken)).result);
    await eventually(
      async () => expect(await told(never ?? '')).toMatchObject({ state: 'FAILURE', error: { type: 'ChordError' } }),
      PATIENT,
    );
  }, 130_000);

  test('a worker whose pool stands still while work waits has stalled, and one that is killed is down and runs nothing', async () => {
    // The process of its pool, not the worker itself, whose heart goes on beating.
    process.kill(childOf(stuck.pid), 'SIGSTOP');
    await sender.sendMany({ name: 'tasks.add', args: [1, 2], options: { queue: 'stuck' }, times: 12 });
    await sender.send({ name: 'tasks.sleep', args: [120] });
    await eventually(
      () =>
        has(
          'celery_active_tasks{task_name="tasks.sleep",source="app"} 1',
          'taskscope_worker_stalled{worker_name="stuck@test",source="app"} 1',
          'celery_worker_up{worker_name="stuck@test",source="app"} 1',
          'taskscope_worker_stalled{worker_name="doomed@test",source="app"} 0',
        ),
      PATIENT,
    );

    await doomed.kill();

    await eventually(() => has('celery_worker_up{worker_name="doomed@test",source="app"} 0'), PATIENT);
    await eventually(
      async () => expect((await metrics()).filter((line) => /^celery_active_tasks.* [1-9]/.test(line))).toEqual([]),
      PATIENT,
    );
    process.kill(childOf(stuck.pid), 'SIGCONT');
    await eventually(
      () =>
        has(
          'taskscope_worker_stalled{worker_name="stuck@test",source="app"} 0',
          'celery_task_total{task_name="tasks.add",status="success",source="app"} 20',
          'celery_worker_up{worker_name="doomed@test",source="app"} 0',
        ),
      PATIENT,
    );
  }, 130_000);
});

function childOf(pid: number): number {
  const [child] = execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
    .trim()
    .split('\n');
  return Number(child);
}
