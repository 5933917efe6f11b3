import { readFileSync } from 'node:fs';
import { Agent, request as send } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { makeToken } from '../../src/auth/api-token.js';
import { MemoryTokenStore } from '../../src/auth/memory-token-store.js';
import { hashPassword } from '../../src/auth/password.js';
import { Roles } from '../../src/auth/roles.js';
import { settingsSchema } from '../../src/config/settings-schema.js';
import { taskEvent } from '../../src/core/task-event.js';
import { MetricsModule } from '../../src/metrics/metrics.module.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { aQueue, aTask, aTaskDetail, aWorker, NOON } from '../support/builders.js';
import { FakeEngine } from '../support/fake-engine.js';
import { type FuzzAnswer, faultsOf } from '../support/fuzz-checks.js';
import { type FuzzRequest, fuzzRequest, operationsOf } from '../support/fuzz-requests.js';
import { Random } from '../support/random.js';

/** `npm run fuzz` asks for more. */
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 2000);
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_121);
const AT_ONCE = 16;

const document: unknown = load(readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8'));
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
const tokens = new MemoryTokenStore();
const texts: string[] = [];
let api: ApiApp;

beforeAll(async () => {
  const roles = new Roles();
  for (const role of roles.names) {
    const { text, token } = makeToken({
      name: role,
      role,
      permissions: [...(roles.named(role)?.permissions ?? [])],
      actions: null,
      sources: role === 'viewer' ? ['bull'] : null,
      queues: null,
      createdAt: NOON,
      createdBy: 'test',
      expiresAt: NOON + 1e9,
    });
    await tokens.add(token);
    texts.push(text);
  }
  const engines = (['bull', 'celery', 'bullmq'] as const).map((engine) => new FakeEngine({ engine }));
  for (const engine of engines) {
    engine.store(
      aTaskDetail({ id: 'training:1', source: engine.source.name, engine: engine.source.engine, queue: 'training' }),
    );
    engine.setSnapshot({
      workers: [aWorker({ source: engine.source.name })],
      queues: [aQueue({ source: engine.source.name })],
      active: { tasks: [aTask({ state: 'STARTED', startedAt: NOON })], total: 1 },
    });
  }
  const away = new FakeEngine({ name: 'away', connection: 'disconnected' });
  api = await startApiApp([...engines, away], {
    tokens,
    rules: {
      required: true,
      users: [{ name: 'ada', role: 'admin', passwordHash: await hashPassword('x', { N: 1024, r: 1, p: 1 }) }],
    },
    modules: [MetricsModule.forRoot(settingsSchema.parse({}).metrics)],
  });
  for (const engine of engines) {
    engine.emit(taskEvent('task-failed', 'training:2', NOON, { name: 'training', error: { type: 'E', message: 'm' } }));
  }
}, 60_000);

afterAll(async () => {
  agent.destroy();
  await api?.close();
});

function ask(asked: FuzzRequest): Promise<FuzzAnswer> {
  const { method, url, headers, body } = asked;
  const { hostname, port } = new URL(api.baseUrl);
  return new Promise((resolve, reject) => {
    const sent = send({ agent, hostname, port, method, path: url, headers }, (response) => {
      const type = String(response.headers['content-type'] ?? '').split(';', 1)[0] ?? '';
      const status = response.statusCode ?? 0;
      if (type === 'text/event-stream') {
        // It lasts for as long as somebody reads.
        sent.destroy();
        resolve({ status, type, text: '' });
        return;
      }
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.once('end', () => resolve({ status, type, text }));
      response.once('error', reject);
    });
    sent.once('error', (error) => {
      // The server closes a connection that it answered before the body was over; it may be in use again by then.
      if (sent.reusedSocket && 'code' in error && error.code === 'ECONNRESET') resolve(ask(asked));
      else reject(new Error(`${method} ${url}: ${error.message}`));
    });
    if (body !== null) sent.write(body);
    sent.end();
  });
}

test(`${REQUESTS} requests made from openapi.yaml are answered as it says: no failure, no open door, no stack trace`, async () => {
  const operations = operationsOf(document).filter(({ path }) => !path.includes('/history'));
  const random = new Random(SEED);
  const faults = new Map<string, string>();
  const statuses = new Map<number, number>();
  let left = REQUESTS;

  const work = async (): Promise<void> => {
    while (left > 0 && faults.size < 20) {
      left -= 1;
      const request = fuzzRequest(document, operations, texts, random);
      const answer = await ask(request);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      for (const fault of faultsOf(document, request, answer)) {
        const key = `${request.operation.id} ${fault}`.slice(0, 300);
        if (!faults.has(key)) {
          faults.set(
            key,
            `${request.method} ${request.url.slice(0, 200)} ${JSON.stringify(request.headers)} ${request.body?.slice(0, 200)}`,
          );
        }
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));

  expect(Object.fromEntries(faults)).toEqual({});
  // It has come past the door often enough to have tried something.
  expect(statuses.get(200) ?? 0).toBeGreaterThan(REQUESTS / 20);
  if (process.env.FUZZ_REQUESTS !== undefined) console.log([...statuses].sort(([a], [b]) => a - b));
}, 1_800_000);
