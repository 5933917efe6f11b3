import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type CelerySender,
  type CeleryWorkerProcess,
  startCelerySender,
  startCeleryWorker,
} from '../support/celery-worker.js';
import { eventually } from '../support/eventually.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';

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
    doomed = startCeleryWorker({ broker, name: 'doomed', concurrency: 1 });
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
          'celery_task_total{task_name="tasks.add",status="success",source="app"} 12',
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
