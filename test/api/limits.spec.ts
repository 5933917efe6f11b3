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
