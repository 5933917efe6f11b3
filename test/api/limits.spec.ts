import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { FakeEngine } from '../support/fake-engine.js';

const API = '/api/v1/celery';

let api: ApiApp;

beforeAll(async () => {
  api = await startApiApp([]);
});

afterAll(() => api.close());

describe('hosts', () => {
  test.each([
    ['127.0.0.1:8000', 200],
    ['localhost', 200],
    ['app.localhost:3', 200],
    ['[::1]:8000', 200],
    ['10.1.2.3', 200],
    ['taskscope:8000', 200],
    ['evil.example', 421],
    ['127.0.0.1.evil.example:80', 421],
    ['localhost.evil.example', 421],
    ['localhost@evil.example', 421],
    ['[::1].evil.example', 421],
  ])('a request for %s is answered %i', async (host, status) => {
    expect((await api.request.get('/health/live').set('Host', host)).status).toBe(status);
  });
});

/** What is answered to bytes as they are, and whether the connection is closed then. */
function wire(text: string): Promise<{ readonly answer: string; readonly closed: boolean }> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(api.baseUrl).port), '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (part: string) => {
      answer += part;
    });
    socket.once('error', reject);
    socket.once('close', () => resolve({ answer, closed: true }));
    socket.setTimeout(10_000, () => {
      socket.destroy();
      resolve({ answer, closed: false });
    });
    socket.write(text);
  });
}

describe('requests that no browser sends', () => {
  test('of a body that is announced as too large are refused before it comes', async () => {
    const head = `POST ${API}/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;

    const { answer, closed } = await wire(`${head}Content-Length: 99999999999\r\n\r\n{`);

    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(closed).toBe(true);
  }, 30_000);

  test.each([
    ['of two hosts', `GET ${API}/sources HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n`],
    ['for another host’s address', `GET http://evil.example${API}/sources HTTP/1.1\r\nHost: localhost\r\n`],
    ['of two lengths', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n'],
  ])(
    '%s are refused',
    async (_, head) => {
      const { answer } = await wire(`${head}Connection: close\r\n\r\n`);

      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    },
    30_000,
  );

  test('for what has changed since are answered in full: answers have no tags', async () => {
    const { status, body } = await api.request.get(`${API}/sources`).set('If-None-Match', '*');

    expect({ status, body }).toMatchObject({ status: 200, body: { items: expect.any(Array) } });
  });

  test('that come drop by drop are given up', () => {
    const { headersTimeout, requestTimeout, timeout, maxConnections } = api.app.getHttpServer();

    expect({ headersTimeout, requestTimeout }).toEqual({ headersTimeout: 15_000, requestTimeout: 30_000 });
    expect({ timeout, maxConnections }).toEqual({ timeout: 60_000, maxConnections: 4_000 });
  });
});

describe('limits', () => {
  test('hold back whoever asks too much, by who they are, and nobody else', async () => {
    const limited = await startApiApp([new FakeEngine()], { limits: { reads: 5, changes: 2, signIns: 2 } });
    const statuses = async (times: number, ask: () => Promise<{ readonly status: number }>): Promise<number[]> => {
      const found: number[] = [];
      for (let time = 0; time < times; time += 1) found.push((await ask()).status);
      return found;
    };

    const reads = await statuses(6, () => limited.request.get(`${API}/sources`));
    const changes = await statuses(3, () => limited.request.post(`${API}/tasks/x/revoke`));
    const signIns = await statuses(3, () => limited.request.post(`${API}/session`).send({ name: 'a', password: 'b' }));
    const last = await limited.request.get(`${API}/sources`);
    const probe = await limited.request.get('/health/live');

    expect(reads).toEqual([200, 200, 200, 200, 200, 429]);
    expect(changes).toEqual([404, 404, 429]);
    expect(signIns).toEqual([409, 409, 429]);
    expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
    expect(probe.status).toBe(200);
    await limited.close();
  });
});
