import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Bull from 'bull';
import { eventually } from '../support/eventually.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';

const API = '/api/v1/celery';
const WITHIN = { within: 60_000, every: 200 };

/** What stands in the places where secrets are; its form is told to the service by a pattern, as an operator would. */
const canaries = Array.from({ length: 50 }, (_, at) => `canary${at}x${randomBytes(8).toString('hex')}`);
let next = 0;
const canary = (): string => canaries[next++ % canaries.length] ?? '';

let redis: RedisServer;
let queue: Bull.Queue;
let service: ServiceProcess;
let data: string;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'taskscope-canaries-'));
  redis = await startRedisServer();
  queue = new Bull('vault', redis.url);
  const brokerUrl = redis.url.replace('://', `://default:${canary()}@`);
  await setPassword(brokerUrl);
  queue = new Bull('vault', brokerUrl);
  service = await startServiceProcess(
    process.execPath,
    ['dist/src/cli.js', '--port', '0', '--data', data, '--history', '--log-level', 'debug', `safe=bull+${brokerUrl}`],
    { within: 60_000, env: { TASKSCOPE_REDACT_PATTERNS: '["canary\\\\d+x[0-9a-f]{16}"]' } },
  );
}, 120_000);

afterAll(async () => {
  service?.kill();
  await queue?.close();
  await redis?.stop();
  rmSync(data, { recursive: true, force: true });
});

/** The password is a canary, too. */
async function setPassword(brokerUrl: string): Promise<void> {
  const { password } = new URL(brokerUrl);
  await queue.isReady();
  await queue.client.config('SET', 'requirepass', password);
  await queue.close();
}

const get = async (path: string): Promise<string> => (await fetch(service.url + path)).text();

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

describe('50 secrets in every field of tasks', () => {
  test('are found nowhere: API, stream, metrics, error pages, log, database and its log of writes', async () => {
    const streaming = new AbortController();
    const stream = await fetch(`${service.url}${API}/events`, { signal: streaming.signal });
    let streamed = '';
    const reading = (async () => {
      if (stream.body === null) return;
      const decoder = new TextDecoder();
      for await (const part of stream.body) streamed += decoder.decode(part, { stream: true });
    })().catch((error: unknown) => {
      if (!streaming.signal.aborted) throw error;
    });

    // Settled when the queue is closed, not before.
    const processing = queue.process('*', async (job) => {
      await job.progress({ step: 1, note: `progress ${canary()}` });
      await job.log(`logged ${canary()}`);
      if (job.data.fail === true) {
        const error = new Error(`could not log in with password=${canary()} or ${canary()}`);
        error.stack = `Error: ${error.message}\n    at login (token: ${canary()}) ${canary()}`;
        throw error;
      }
      return { token: canary(), plain: `result ${canary()}`, list: [canary(), { deep: { authorization: canary() } }] };
    });
    for (let round = 0; round < 6; round += 1) {
      const payload = {
        password: canary(),
        text: `https://user:${canary()}@host/ ${canary()}`,
        nested: [{ 'api-key': canary(), note: canary() }],
        fail: round % 2 === 0,
      };
      await queue.add(`work-${round}`, payload, { jobId: `job-${round}`, attempts: round % 3 === 0 ? 2 : 1 });
    }
    await queue.add('later', { secret: canary(), note: canary() }, { delay: 3_600_000, jobId: 'later' });

    await eventually(async () => {
      const found: unknown = JSON.parse(await get(`${API}/tasks?state=SUCCESS,FAILURE&limit=50`));
      expect(found).toMatchObject({ total: 6 });
      expect(streamed).toContain('job-5');
    }, WITHIN);
    const ids = ['job-0', 'job-1', 'job-2', 'job-3', 'job-4', 'job-5', 'later'].map((id) => `vault:${id}`);
    const pages = [
      '/metrics',
      '/health/ready',
      ...[
        'health',
        'sources',
        'tasks',
        'tasks/status',
        'queues/status',
        'workers/status',
        'stats/detailed',
        'audit',
      ].map((path) => `${API}/${path}`),
      `${API}/metrics/summary`,
      `${API}/queues/vault/waiting?limit=50`,
      `${API}/tasks?q=nothing%20(`,
      ...ids.flatMap((id) => ['', '/status', '/logs'].map((part) => `${API}/tasks/${id}${part}`)),
    ];
    const answers = await Promise.all(pages.map(async (page) => [page, await get(page)] as const));
    expect(answers.find(([page]) => page.endsWith('vault:job-1'))?.[1]).toContain('[redacted]');
    streaming.abort();
    await reading;
    await queue.close();
    await processing;
    await service.terminate();

    const places = new Map<string, string>([
      ...answers,
      ['the stream', streamed],
      ['the log', service.output()],
      ...filesBelow(data).map((file) => [file, readFileSync(file, 'latin1')] as const),
    ]);
    const leaks = [...places].flatMap(([place, text]) =>
      canaries.filter((secret) => text.includes(secret)).map((secret) => `${secret} in ${place}`),
    );
    // All of them were somewhere, and something was written.
    expect(next).toBeGreaterThan(canaries.length);
    expect(filesBelow(data).some((file) => readFileSync(file).includes('vault'))).toBe(true);
    expect(leaks).toEqual([]);
  }, 180_000);
});
