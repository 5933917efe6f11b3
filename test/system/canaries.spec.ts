import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DatabaseSync } from '@photostructure/sqlite';
import Bull from 'bull';
import { Queue, Worker } from 'bullmq';
import { load } from 'js-yaml';
import { startCelerySender, startCeleryWorker } from '../support/celery-worker.js';
import { eventually } from '../support/eventually.js';
import { operationsOf } from '../support/fuzz-requests.js';
import { recordsOf } from '../support/records.js';
import { startRedisServer } from '../support/redis-server.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';

const API = '/api/v1/celery';
const SOURCES = ['bull', 'bullmq', 'celery'] as const;
const ROUNDS = 6;

/** What stands in the places where secrets are; its form is told to the service by a pattern, as an operator would. */
const canaries = Array.from({ length: 50 }, (_, at) => `canary${at}x${randomBytes(8).toString('hex')}`);
const placed = { bull: 0, bullmq: 0, celery: 0 };
const canaryOf = (source: keyof typeof placed) => (): string => {
  placed[source] += 1;
  return canaries[placed[source] % canaries.length] ?? '';
};

const endings: (() => unknown)[] = [];
const data = mkdtempSync(join(tmpdir(), 'taskscope-canaries-'));
let broker: string;
let service: ServiceProcess;

beforeAll(async () => {
  // The password is a canary, too.
  const password = canaries[0] ?? '';
  const redis = await startRedisServer({ password });
  endings.push(() => redis.stop());
  broker = redis.url.replace('://:', '://default:');
  service = await startServiceProcess(
    process.execPath,
    ['dist/src/cli.js', '--port', '0', '--data', data, '--history', '--log-level', 'debug'].concat(
      SOURCES.map((source) => `${source}=${source}+${broker}`),
    ),
    { within: 60_000, env: { TASKSCOPE_REDACT_PATTERNS: '["canary\\\\d+x[0-9a-f]{16}"]' } },
  );
  endings.push(() => service.kill());
}, 120_000);

afterAll(async () => {
  for (let end = endings.pop(); end !== undefined; end = endings.pop()) await end();
  rmSync(data, { recursive: true, force: true });
});

const get = async (path: string): Promise<string> => (await fetch(service.url + path)).text();

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

/** What the history keeps, unpacked: what is large is compressed there. */
function historyOf(file: string): string {
  const history = new DatabaseSync(file, { readOnly: true });
  const tables = history.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  const texts = tables.flatMap((table) =>
    history
      .prepare(`SELECT * FROM ${JSON.stringify(Reflect.get(table, 'name'))}`)
      .all()
      .flatMap((row) => Object.values(row))
      .map((value) => (ArrayBuffer.isView(value) ? unpacked(value) : String(value))),
  );
  history.close();
  return texts.join('\n');
}

/** Whether arguments and stack traces of a source's tasks are kept. */
function kept(file: string): readonly object[] {
  const history = new DatabaseSync(file, { readOnly: true });
  const found = SOURCES.map((source) => {
    const { given, traced } = Object(
      history
        .prepare(
          `SELECT count(coalesce(args, args_ref)) AS given, count(traceback_ref) AS traced
           FROM task WHERE source = (SELECT id FROM word WHERE text = ?)`,
        )
        .get(source),
    );
    return { source, given: given > 0, traced: traced > 0 };
  });
  history.close();
  return found;
}

function unpacked({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return inflateRawSync(Buffer.from(buffer, byteOffset, byteLength)).toString();
}

/** What a task of Bull or BullMQ does with what it is given. */
async function spill(
  canary: () => string,
  job: {
    readonly data: { readonly fail?: boolean };
    progress(value: object): unknown;
    log(line: string): unknown;
  },
): Promise<object> {
  await job.progress({ step: 1, note: `progress ${canary()}`, token: canary() });
  await job.log(`logged ${canary()}`);
  if (job.data.fail === true) {
    const error = new Error(`could not log in with password=${canary()} or ${canary()}`);
    error.stack = `Error: ${error.message}\n    at login (token: ${canary()}) ${canary()}`;
    throw error;
  }
  return { token: canary(), plain: `result ${canary()}`, list: [canary(), { deep: { authorization: canary() } }] };
}

const payloadOf = (canary: () => string, fail: boolean): object => ({
  password: canary(),
  text: `https://user:${canary()}@host/ ${canary()}`,
  nested: [{ 'api-key': canary(), note: canary() }],
  fail,
});

async function workBull(): Promise<void> {
  const canary = canaryOf('bull');
  const queue = new Bull('vault', broker);
  endings.push(() => queue.close());
  void queue.process('*', ({ data, progress, log, ...job }) =>
    spill(canary, { data, progress: progress.bind(job), log: log.bind(job) }),
  );
  for (let round = 0; round < ROUNDS; round += 1) {
    const options = { jobId: `job-${round}`, attempts: round % 3 === 0 ? 2 : 1 };
    await queue.add(`work-${round}`, payloadOf(canary, round % 2 === 0), options);
  }
  await queue.add('later', { secret: canary(), note: canary() }, { delay: 3_600_000, jobId: 'later' });
}

async function workBullmq(): Promise<void> {
  const canary = canaryOf('bullmq');
  const { hostname: host, port, password } = new URL(broker);
  const connection = { host, port: Number(port), password, maxRetriesPerRequest: null };
  const queue = new Queue('safe', { connection });
  const worker = new Worker(
    'safe',
    (job) =>
      spill(canary, {
        data: job.data,
        progress: (value) => job.updateProgress(value),
        log: (line) => job.log(line),
      }),
    { connection },
  );
  endings.push(() => Promise.all([worker.close(), queue.close()]));
  for (let round = 0; round < ROUNDS; round += 1) {
    const options = { jobId: `job-${round}`, attempts: round % 3 === 0 ? 2 : 1 };
    await queue.add(`work-${round}`, payloadOf(canary, round % 2 === 0), options);
  }
  await queue.add('later', { secret: canary(), note: canary() }, { delay: 3_600_000, jobId: 'later' });
  await queue.upsertJobScheduler('hourly', { every: 3_600_000 }, { data: payloadOf(canary, false) });
}

async function workCelery(): Promise<readonly string[]> {
  const canary = canaryOf('celery');
  const application = {
    broker,
    results: broker,
    environment: { RESULT_EXTENDED: '1', SENT_EVENTS: '1' },
  };
  const worker = startCeleryWorker({ ...application, name: 'hands' });
  const sender = startCelerySender(application);
  endings.push(() => Promise.all([worker.kill(), sender.stop()]));
  const order = (fail: boolean) => ({
    name: 'tasks.spill',
    args: [Array.from({ length: 10 }, canary)],
    kwargs: { ...payloadOf(canary, fail), pin: canary() },
  });
  const ids: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) ids.push(await sender.send(order(round % 2 === 0)));
  // Of this nobody but the events tells the result.
  ids.push(await sender.send({ ...order(false), options: { ignore_result: true } }));
  ids.push(await sender.send({ ...order(false), options: { countdown: 3600 } }));
  ids.push(await sender.send({ ...order(false), options: { queue: 'idle' } }));
  return ids;
}

/** What a stream tells, until it is left. */
async function listen(path: string): Promise<{ text(): string; leave(): Promise<void> }> {
  const leaving = new AbortController();
  const stream = await fetch(service.url + API + path, { signal: leaving.signal });
  let text = '';
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const part of stream.body ?? []) text += decoder.decode(part, { stream: true });
  })().catch((error: unknown) => {
    if (!leaving.signal.aborted) throw error;
  });
  return {
    text: () => text,
    leave: async () => {
      leaving.abort();
      await reading;
    },
  };
}

/** Every path that can be read, with everything there is in the place of its parameters. */
function pagesOf(tasks: readonly string[]): readonly string[] {
  const document: unknown = load(readFileSync('openapi.yaml', 'utf8'));
  const known: Readonly<Record<string, readonly string[]>> = {
    tasks,
    queues: ['vault', 'safe', 'celery', 'idle'],
    workers: ['hands@test'],
    schedules: ['hourly'],
  };
  const paths = operationsOf(document).flatMap(({ method, path }) => {
    if (method !== 'GET' || /\/(?:live|events)$/.test(path)) return [];
    const [, kind = ''] = /([\w-]+)\/\{\w+\}/.exec(path) ?? [];
    const values = kind === '' ? [''] : (known[kind] ?? ['none']);
    return values.map((value) => path.replace(/\{\w+\}/, encodeURIComponent(value)));
  });
  const odd = ['/tasks?q=nothing%20(', '/tasks?limit=none', '/tasks?q=canary', '/nowhere', '/failures?source=none'];
  return [...paths, ...odd.map((path) => API + path)];
}

describe('50 secrets in every field of tasks', () => {
  test('are found nowhere: API, streams, metrics, error pages, log, database and its log of writes', async () => {
    await eventually(
      async () => {
        const sources = recordsOf(JSON.parse(await get(`${API}/sources`)), 'items');
        expect(sources.map(({ connection }) => connection)).toEqual(SOURCES.map(() => 'connected'));
      },
      { within: 30_000 },
    );
    const streams = { events: await listen('/events'), live: await listen('/live') };
    const [celeryTasks] = await Promise.all([workCelery(), workBull(), workBullmq()]);

    await eventually(
      async () => {
        const ended = recordsOf(JSON.parse(await get(`${API}/tasks?state=SUCCESS,FAILURE&limit=100`)), 'items');
        const of = (source: string) => ended.filter((task) => task.source === source).length;
        expect({ bull: of('bull'), bullmq: of('bullmq') > ROUNDS, celery: of('celery') }).toEqual({
          bull: ROUNDS,
          bullmq: true,
          celery: ROUNDS + 1,
        });
        expect(streams.events.text()).toContain('job-5');
      },
      { within: 90_000, every: 250 },
    );
    const jobs = [...Array.from({ length: ROUNDS }, (_, at) => `job-${at}`), 'later'];
    const ids = [...['vault', 'safe'].flatMap((queue) => jobs.map((job) => `${queue}:${job}`)), ...celeryTasks];
    const answers = await Promise.all(pagesOf(ids).map(async (page) => [page, await get(page)] as const));
    const shown = answers.filter(([, text]) => text.includes('[redacted]')).map(([page]) => page);
    await Promise.all([streams.events.leave(), streams.live.leave()]);
    await service.terminate();

    const places = new Map<string, string>([
      ...answers,
      ['the events', streams.events.text()],
      ['what is live', streams.live.text()],
      ['the log', service.output()],
      ...filesBelow(data).map((file) => [file, readFileSync(file, 'latin1')] as const),
      ['the history', historyOf(join(data, 'history.sqlite'))],
    ]);
    const leaks = [...places].flatMap(([place, text]) =>
      canaries.filter((secret) => text.includes(secret)).map((secret) => `${secret} in ${place}`),
    );
    expect(leaks).toEqual([]);
    // All of them were somewhere, everywhere; what had them was shown without them, and something was written.
    for (const source of SOURCES) expect(placed[source]).toBeGreaterThan(canaries.length);
    for (const id of [...ids.filter((id) => id.endsWith('job-1')), ...celeryTasks.slice(0, 2)])
      expect(shown).toContain(`${API}/tasks/${encodeURIComponent(id)}`);
    expect(shown).toContain(`${API}/queues/idle/waiting`);
    expect(places.get('the history')).toMatch(/\[redacted\]/);
    // What tasks were given, and why they failed, is in the history of every engine.
    expect(kept(join(data, 'history.sqlite'))).toEqual(
      SOURCES.map((source) => ({ source, given: true, traced: true })),
    );
  }, 180_000);
});
