import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AuditLog } from '../../src/auth/audit-log.js';
import { MemoryAuditLog } from '../../src/auth/memory-audit-log.js';
import { hashPassword } from '../../src/auth/password.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { aTaskDetail } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { FakeEngine } from '../support/fake-engine.js';

const API = '/api/v1/celery';
const SAME_ORIGIN = { 'Sec-Fetch-Site': 'same-origin' };
const PASSWORD = 'correct horse battery staple';

const audit = new MemoryAuditLog();
const engine = new FakeEngine();
let api: ApiApp;

beforeAll(async () => {
  const passwordHash = await hashPassword(PASSWORD, { N: 1024, r: 8, p: 1 });
  engine.store(aTaskDetail({ id: 'training:1', queue: 'training' }));
  const rules = { required: true, users: [{ name: 'ada', passwordHash, role: 'admin' }] };
  api = await startApiApp([engine], { audit, rules });
});

afterAll(() => api.close());

const signIn = (password: string) =>
  api.request.post(`${API}/session`).set(SAME_ORIGIN).send({ name: 'ada', password });

async function cookieOfAda(): Promise<string> {
  const [cookie = ''] = (await signIn(PASSWORD)).headers['set-cookie'] ?? [];
  return cookie.split(';')[0] ?? '';
}

describe('the audit', () => {
  test('tells who did what, from where, on what, with each worker’s answer, and never a password', async () => {
    engine.revokeReport = {
      outcome: 'accepted',
      message: 'Asked to stop.',
      workers: [{ worker: 'worker-1', answer: 'acknowledged', message: null }],
    };
    const cookie = await cookieOfAda();
    await api.request.post(`${API}/tasks/training:1/revoke?terminate=true`).set({ Cookie: cookie, ...SAME_ORIGIN });
    await signIn('hunter2-wrong');

    await eventually(async () => {
      const { body, text } = await api.request.get(`${API}/audit?limit=2`).set('Cookie', cookie);
      expect(body.items).toMatchObject([
        { action: 'signIn', who: 'ada', outcome: 'refused', status: 401, from: '127.0.0.1' },
        {
          action: 'revokeTask',
          who: 'ada',
          kind: 'user',
          path: `${API}/tasks/training:1/revoke`,
          asked: { terminate: 'true' },
          outcome: 'allowed',
          status: 202,
          message: 'accepted: Asked to stop.',
          workers: [{ worker: 'worker-1', answer: 'acknowledged', message: null }],
        },
      ]);
      expect(text).not.toContain('hunter2');
      expect(body.next_cursor).toBe(String(body.items[1].number));
    });
  });

  test('is read page by page', async () => {
    const cookie = await cookieOfAda();
    await cookieOfAda();
    await cookieOfAda();
    const first = await api.request.get(`${API}/audit?limit=3`).set('Cookie', cookie);
    const next = await api.request.get(`${API}/audit?limit=3&cursor=${first.body.next_cursor}`).set('Cookie', cookie);

    expect(next.body.items[0].number).toBe(first.body.items[2].number - 1);
    expect(api.app.get(AuditLog, { strict: false })).toBe(audit);
  });
});
