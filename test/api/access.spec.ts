import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hashPassword } from '../../src/auth/password.js';
import { type ApiApp, FixedClock, startApiApp } from '../support/api-app.js';
import { aTaskDetail } from '../support/builders.js';
import { FakeEngine } from '../support/fake-engine.js';

const API = '/api/v1/celery';
const SAME_ORIGIN = { 'Sec-Fetch-Site': 'same-origin' };
const PASSWORD = 'correct horse battery staple';
const MINUTE_MS = 60_000;

const clock = new FixedClock();
const engine = new FakeEngine();
let api: ApiApp;

beforeAll(async () => {
  const passwordHash = await hashPassword(PASSWORD, { N: 1024, r: 8, p: 1 });
  engine.store(aTaskDetail({ id: 'training:1', queue: 'training' }), aTaskDetail({ id: 'mail:1', queue: 'mail' }));
  api = await startApiApp([engine], {
    clock,
    rules: {
      required: true,
      users: [
        { name: 'ada', passwordHash, role: 'admin' },
        { name: 'vera', passwordHash, role: 'viewer', queues: ['training'] },
      ],
      sessions: { idleMs: 30 * MINUTE_MS, absoluteMs: 120 * MINUTE_MS },
    },
  });
});

afterAll(() => api.close());

async function signIn(name: string, password = PASSWORD, cookie = '') {
  return api.request
    .post(`${API}/session`)
    .set({ ...SAME_ORIGIN, ...(cookie === '' ? {} : { Cookie: cookie }) })
    .send({ name, password });
}

async function cookieOf(name: string): Promise<string> {
  const response = await signIn(name);
  const [cookie = ''] = response.headers['set-cookie'] ?? [];
  return cookie.split(';')[0] ?? '';
}

describe('signing in by password', () => {
  test('sets a cookie that only this host, secure connections and requests of its own pages get', async () => {
    const response = await signIn('ada');

    expect(response.status).toBe(200);
    expect(response.headers['set-cookie']).toEqual([
      expect.stringMatching(/^__Host-taskscope=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/),
    ]);
    expect(response.body).toMatchObject({
      authenticated: true,
      kind: 'user',
      name: 'ada',
      role: 'admin',
      insecure: false,
      read_only: false,
      sign_in: { required: true, password: true, oidc_path: null, oidc_label: null },
    });
    expect(response.body.permissions).toContain('administer');
  });

  test('says who asks, and what they may do, to whoever shows the cookie', async () => {
    const cookie = await cookieOf('vera');

    const { body } = await api.request.get(`${API}/session`).set('Cookie', cookie);

    expect(body).toMatchObject({
      name: 'vera',
      permissions: ['view', 'view-metrics', 'view-docs'],
      queues: ['training'],
    });
  });

  test.each([
    ['ada', 'wrong password'],
    ['nobody', PASSWORD],
    ['__proto__', PASSWORD],
  ])('is refused to %s with %s, by the same words', async (name, password) => {
    const response = await signIn(name, password);

    expect(response.status).toBe(401);
    expect(response.body).toMatchObject({ detail: 'expected a name and the password that belongs to it' });
    expect(response.headers).not.toHaveProperty('set-cookie');
  });

  test('gives a new session each time, and ends the one the browser had', async () => {
    const first = await cookieOf('ada');
    const second = await signIn('ada', PASSWORD, first);

    expect(second.headers['set-cookie']).not.toEqual([expect.stringContaining(first)]);
    expect((await api.request.get(`${API}/sources`).set('Cookie', first)).status).toBe(401);
  });

  test('takes no session id that the client has chosen', async () => {
    const chosen = `__Host-taskscope=${'A'.repeat(43)}`;

    const response = await signIn('ada', PASSWORD, chosen);

    expect(response.headers['set-cookie']).not.toEqual([expect.stringContaining('A'.repeat(43))]);
    expect((await api.request.get(`${API}/sources`).set('Cookie', chosen)).status).toBe(401);
  });

  test('is refused over plain connections from elsewhere, where anybody could read the cookie', async () => {
    const response = await api.request
      .post(`${API}/session`)
      .set({ ...SAME_ORIGIN, Host: '192.0.2.7:8000' })
      .send({ name: 'ada', password: PASSWORD });

    expect(response.status).toBe(403);
    expect(response.body.detail).toMatch(/^expected HTTPS to sign in/);
  });
});

describe('a session', () => {
  test('ends when it was not used for long enough', async () => {
    const cookie = await cookieOf('ada');
    clock.at += 29 * MINUTE_MS;
    const used = await api.request.get(`${API}/sources`).set('Cookie', cookie);
    clock.at += 29 * MINUTE_MS;
    const usedAgain = await api.request.get(`${API}/sources`).set('Cookie', cookie);
    clock.at += 31 * MINUTE_MS;
    const late = await api.request.get(`${API}/sources`).set('Cookie', cookie);

    expect([used.status, usedAgain.status, late.status]).toEqual([200, 200, 401]);
  });

  test('ends after its longest time, however much it is used', async () => {
    const cookie = await cookieOf('ada');
    const statuses: number[] = [];
    for (let step = 0; step < 7; step += 1) {
      clock.at += 20 * MINUTE_MS;
      statuses.push((await api.request.get(`${API}/sources`).set('Cookie', cookie)).status);
    }

    expect(statuses).toEqual([200, 200, 200, 200, 200, 401, 401]);
  });

  test('ends on the server when its owner signs out', async () => {
    const cookie = await cookieOf('ada');

    const out = await api.request.delete(`${API}/session`).set({ ...SAME_ORIGIN, Cookie: cookie });

    expect(out.status).toBe(200);
    expect(out.body).toMatchObject({ authenticated: false, permissions: [] });
    expect(out.headers['set-cookie']).toEqual([expect.stringMatching(/^__Host-taskscope=;.*Max-Age=0$/)]);
    expect((await api.request.get(`${API}/sources`).set('Cookie', cookie)).status).toBe(401);
  });

  test.each([
    [{ 'Sec-Fetch-Site': 'cross-site' }],
    [{ 'Sec-Fetch-Site': 'same-site' }],
    [{ Origin: 'https://evil.example' }],
    [{ Origin: 'null' }],
    [{}],
  ])('changes nothing for a request that another page may have sent: %o', async (headers) => {
    const cookie = await cookieOf('ada');

    const response = await api.request.post(`${API}/tasks/training:1/revoke`).set({ ...headers, Cookie: cookie });

    expect(response.status).toBe(403);
    expect(engine.revokes).toEqual([]);
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
  ])('takes no body of type %s', async (type) => {
    const cookie = await cookieOf('ada');

    const response = await api.request
      .post(`${API}/tokens`)
      .set({ ...SAME_ORIGIN, Cookie: cookie, 'Content-Type': type })
      .send('{"name":"x","role":"admin"}');

    expect(response.status).toBe(415);
  });

  test('of somebody limited to a queue sees and does nothing beside it', async () => {
    const cookie = { Cookie: await cookieOf('vera') };

    const own = await api.request.get(`${API}/tasks/training:1`).set(cookie);
    const other = await api.request.get(`${API}/tasks/mail:1`).set(cookie);
    const unlimited = await api.request.get(`${API}/audit`).set(cookie);

    expect([own.status, other.status, unlimited.status]).toEqual([200, 404, 403]);
  });
});

describe('API tokens', () => {
  test('are shown once, work at once, and stop working when they are revoked', async () => {
    const cookie = { Cookie: await cookieOf('ada'), ...SAME_ORIGIN };

    const made = await api.request.post(`${API}/tokens`).set(cookie).send({ name: 'ci', role: 'viewer' });
    const bearer = { Authorization: `Bearer ${made.body.token}` };
    const used = await api.request.get(`${API}/sources`).set(bearer);
    const listed = await api.request.get(`${API}/tokens`).set(cookie);
    const gone = await api.request.delete(`${API}/tokens/${made.body.id}`).set(cookie);
    const after = await api.request.get(`${API}/sources`).set(bearer);

    expect(made.status).toBe(201);
    expect(made.body.token).toMatch(/^tsk_[0-9a-f]{8}_[A-Za-z0-9_-]{43}$/);
    expect([used.status, gone.status, after.status]).toEqual([200, 200, 401]);
    expect(listed.text).toContain(made.body.id);
    expect(listed.text).not.toContain(made.body.token);
    expect(after.headers['www-authenticate']).toBe('Bearer realm="taskscope"');
  });

  test('expire', async () => {
    const cookie = { Cookie: await cookieOf('ada'), ...SAME_ORIGIN };
    const made = await api.request
      .post(`${API}/tokens`)
      .set(cookie)
      .send({ name: 'short', permissions: ['view'], expires_in_days: 1 });
    const bearer = { Authorization: `Bearer ${made.body.token}` };
    const before = await api.request.get(`${API}/sources`).set(bearer);
    clock.at += 24 * 60 * MINUTE_MS;

    const after = await api.request.get(`${API}/sources`).set(bearer);

    expect([before.status, after.status]).toEqual([200, 401]);
  });

  test('may do no more than who makes them', async () => {
    const cookie = { Cookie: await cookieOf('ada'), ...SAME_ORIGIN };
    const made = await api.request
      .post(`${API}/tokens`)
      .set(cookie)
      .send({ name: 'keeper', permissions: ['view', 'manage-access'] });

    const greedy = await api.request
      .post(`${API}/tokens`)
      .set({ Authorization: `Bearer ${made.body.token}` })
      .send({ name: 'greedy', role: 'admin' });

    expect(greedy.status).toBe(403);
    expect(greedy.body.detail).toContain('operate');
  });

  test.each([
    [{ name: 'x' }],
    [{ name: 'x', role: 'viewer', permissions: ['view'] }],
    [{ name: 'x', role: 'root' }],
    [{ name: 'x', role: 'constructor' }],
    [{ name: 'x', permissions: ['everything'] }],
    [{ name: 'x', role: 'viewer', expires_in_days: 10_000 }],
    [{ name: '', role: 'viewer' }],
    [{ name: 'x', role: 'viewer', sources: [] }],
    [{ name: 'x', role: 'viewer', id: 'chosen' }],
  ])('are not made of %o', async (wish) => {
    const cookie = { Cookie: await cookieOf('ada'), ...SAME_ORIGIN };

    expect((await api.request.post(`${API}/tokens`).set(cookie).send(wish)).status).toBe(400);
  });
});
