import { afterEach, describe, expect, test } from '@jest/globals';
import { makeToken } from '../../src/auth/api-token.js';
import { MemoryAuditLog } from '../../src/auth/memory-audit-log.js';
import { MemoryTokenStore } from '../../src/auth/memory-token-store.js';
import { type ApiApp, type ApiAppOptions, startApiApp } from '../support/api-app.js';
import { NOON } from '../support/builders.js';
import { eventually } from '../support/eventually.js';

const PATH = '/api/v1/celery/deployments';

let api: ApiApp;

afterEach(() => api.close());

const start = async (options: ApiAppOptions = {}): Promise<void> => {
  api = await startApiApp([], options);
};
const tell = (body: object) => api.request.post(PATH).send(body);

describe('POST /api/v1/celery/deployments', () => {
  test('notes what was deployed, now where no time is said', async () => {
    await start();

    const { status, body } = await tell({ name: 'billing', version: '1.42.0', link: 'https://ci.example/builds/42' });

    expect(status).toBe(201);
    expect(body).toMatchObject({
      at: new Date(NOON).toISOString(),
      name: 'billing',
      version: '1.42.0',
      link: 'https://ci.example/builds/42',
    });
    expect((await api.request.get(PATH)).body).toEqual({ items: [body], next_cursor: null, total: 1 });
  });

  test('takes a time that has passed, in any form that is understood elsewhere', async () => {
    await start();

    const { body } = await tell({ name: 'billing', at: '2025-12-24T18:00:00Z' });
    const { body: ago } = await tell({ name: 'mailer', at: '2h' });

    expect(body).toMatchObject({ at: '2025-12-24T18:00:00.000Z', version: null, link: null });
    expect(ago.at).toBe(new Date(NOON - 7_200_000).toISOString());
    const day = await api.request.get(`${PATH}?from=1d`);
    expect(day.body.items).toEqual([ago]);
    const then = await api.request.get(`${PATH}?from=2025-12-24&to=2025-12-25`);
    expect(then.body.items).toEqual([body]);
  });

  test.each([
    ['a link that would run as a script', { name: 'a', link: 'javascript:alert(1)' }, 'link'],
    ['a link with a password in it', { name: 'a', link: 'https://me:secret@ci.example' }, 'link'],
    ['a link that passes for another', { name: 'a', link: 'https://ci.example@evil.example' }, 'link'],
    ['a time to come', { name: 'a', at: '2999-01-01' }, 'at'],
    ['a time that is none', { name: 'a', at: 'yesterday' }, 'at'],
    ['no name', { version: '1' }, 'name'],
    ['a version that is null', { name: 'a', version: null }, 'version'],
    ['a field that it does not know', { name: 'a', environment: 'x' }, 'environment'],
  ])('refuses %s', async (_, wish, field) => {
    await start();

    const { status, body } = await tell(wish);

    expect(status).toBe(400);
    expect(body.errors).toEqual([expect.objectContaining({ field })]);
    expect((await api.request.get(`${PATH}?from=1000w`)).body.total).toBe(0);
  });

  test('is for who may annotate, also in a read-only service, and is in the audit with a name', async () => {
    const tokens = new MemoryTokenStore();
    const audit = new MemoryAuditLog();
    const token = async (permissions: readonly ('view' | 'annotate')[]): Promise<string> => {
      const { text, token: made } = makeToken({
        name: 'pipeline',
        role: null,
        permissions,
        actions: null,
        sources: null,
        queues: null,
        createdAt: NOON,
        createdBy: 'test',
        expiresAt: NOON + 60_000,
      });
      await tokens.add(made);
      return `Bearer ${text}`;
    };
    await start({ tokens, audit, rules: { required: true, readOnly: true } });

    const refused = await tell({ name: 'billing' }).set('Authorization', await token(['view']));
    const taken = await tell({ name: 'billing' }).set('Authorization', await token(['annotate']));

    expect([refused.status, taken.status]).toEqual([403, 201]);
    expect(taken.body.who).toBe('pipeline');
    await eventually(async () => {
      const { records } = await audit.read({ limit: 10, before: null, who: null, action: null, outcome: 'allowed' });
      expect(records).toEqual([
        expect.objectContaining({ action: 'recordDeployment', who: 'pipeline', outcome: 'allowed', status: 201 }),
      ]);
    });
  });
});

describe('GET /api/v1/celery/deployments', () => {
  test('tells the latest first, and how many there are beyond the limit', async () => {
    await start();
    for (const version of ['1', '2', '3']) await tell({ name: 'billing', version, at: `${4 - Number(version)}m` });

    const { body } = await api.request.get(`${PATH}?limit=2`);

    expect(body.items.map(({ version }: { version: string }) => version)).toEqual(['3', '2']);
    expect(body.total).toBe(3);
  });

  test('refuses a time that ends before it begins', async () => {
    await start();

    const { status, body } = await api.request.get(`${PATH}?from=1h&to=2h`);

    expect(status).toBe(400);
    expect(body.errors[0]).toMatchObject({ field: 'from', expected: 'a time before `to`' });
  });
});
