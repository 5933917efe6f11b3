import type { IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hashPassword } from '../../src/auth/password.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';

const API = '/api/v1/celery';
const SESSION = `${API}/session`;

let api: ApiApp;

beforeAll(async () => {
  const passwordHash = await hashPassword('x', { N: 1024, r: 8, p: 1 });
  api = await startApiApp([], {
    rules: {
      required: true,
      users: [{ name: 'mallory', passwordHash, role: 'viewer' }],
      proxy: {
        userHeader: 'x-user',
        groupsHeader: 'x-groups',
        addresses: ['127.0.0.1'],
        mapping: [{ role: 'admin', groups: ['admins'] }],
      },
    },
  });
});

afterAll(() => api.close());

describe('a session', () => {
  test('is not taken from a cookie that a neighbour may have set', async () => {
    const signedIn = await api.request.post(SESSION).send({ name: 'mallory', password: 'x' });
    const id = /^__Host-taskscope=([^;]+)/.exec(signedIn.headers['set-cookie']?.[0] ?? '')?.[1];

    const honest = await api.request.get(SESSION).set('Cookie', `__Host-taskscope=${id}`);
    const planted = await api.request.get(SESSION).set('Cookie', `taskscope=${id}`);

    expect(honest.body).toMatchObject({ name: 'mallory' });
    expect(planted.body).toMatchObject({ name: null });
  });
});

describe('headers of a trusted proxy', () => {
  const ask = (headers: IncomingHttpHeaders) => api.request.get(SESSION).set(headers);

  test('tell who asks', async () => {
    expect((await ask({ 'X-User': 'ada', 'X-Groups': 'staff, admins' })).body).toMatchObject({ name: 'ada' });
  });

  test.each([
    ['groups', { 'X-User': 'eve', 'X-Groups': ['admins', 'guests'] }],
    ['names', { 'X-User': ['ada', 'eve'], 'X-Groups': 'admins' }],
  ])('tell nothing where the caller’s own %s come with them', async (_, headers) => {
    expect((await ask(headers)).body).toMatchObject({ name: null });
  });
});
