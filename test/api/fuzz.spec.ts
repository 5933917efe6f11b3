import { readFileSync } from 'node:fs';
import { Agent, request as send } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { type FuzzAnswer, faultsOf } from '../support/fuzz-checks.js';
import { type FuzzRequest, fuzzRequest, operationsOf } from '../support/fuzz-requests.js';
import { type FuzzService, startFuzzService } from '../support/fuzz-service.js';
import { Random } from '../support/random.js';

/** `npm run fuzz` asks for more. */
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 2000);
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_121);
const AT_ONCE = 16;

const document: unknown = load(readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8'));
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
let service: FuzzService;

beforeAll(async () => {
  service = await startFuzzService();
}, 60_000);

afterAll(async () => {
  agent.destroy();
  await service?.stop();
});

function ask(asked: FuzzRequest): Promise<FuzzAnswer> {
  const { method, url, headers, body } = asked;
  const { hostname, port } = new URL(service.baseUrl);
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
  const operations = operationsOf(document);
  const random = new Random(SEED);
  const faults = new Map<string, string>();
  const statuses = new Map<number, number>();
  let left = REQUESTS;

  const work = async (): Promise<void> => {
    while (left > 0 && faults.size < 20) {
      left -= 1;
      const request = fuzzRequest(document, operations, service.tokens, random);
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
