import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { type ApiToken, makeToken } from '../../src/auth/api-token.js';
import { MemoryAuditLog } from '../../src/auth/memory-audit-log.js';
import { MemoryTokenStore } from '../../src/auth/memory-token-store.js';
import { Roles } from '../../src/auth/roles.js';
import { settingsSchema } from '../../src/config/settings-schema.js';
import { CHANGING, type PermissionName } from '../../src/core/permissions.js';
import { MetricsModule } from '../../src/metrics/metrics.module.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { aQueue, aTaskDetail, aWorker, NOON } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { FakeEngine } from '../support/fake-engine.js';
import { operationsOf } from '../support/fuzz-requests.js';
import { type Handler, handlersOf } from '../support/handlers.js';

const DAY_MS = 86_400_000;

const tokens = new MemoryTokenStore();
const audit = new MemoryAuditLog();
const engine = new FakeEngine();
const roles = new Roles();
let api: ApiApp;
let routes: readonly Handler[] = [];

beforeAll(async () => {
  engine.store(aTaskDetail({ id: 'training:1', result: { model: 'tree' }, args: ['secret'] }));
  engine.setSnapshot({ workers: [aWorker()], queues: [aQueue()] });
  api = await startApiApp([engine], {
    tokens,
    audit,
    rules: { required: true },
    modules: [MetricsModule.forRoot(settingsSchema.parse({}).metrics)],
  });
  routes = handlersOf(api).map((handler) => ({
    ...handler,
    path: handler.path.replaceAll(/\{\w+\}/g, (name) => (name === '{id}' ? 'training:1' : 'training')),
  }));
});

afterAll(() => api.close());

async function tokenWith(
  said: Partial<ApiToken> & { readonly permissions: readonly PermissionName[] },
): Promise<string> {
  const { text, token } = makeToken({
    name: 'test',
    role: null,
    actions: null,
    sources: null,
    queues: null,
    createdAt: NOON,
    createdBy: 'test',
    expiresAt: NOON + DAY_MS,
    ...said,
  });
  await tokens.add(token);
  return text;
}

async function statusOf({ method, path }: Handler, bearer: string | null, of = api): Promise<number> {
  const leaving = new AbortController();
  const response = await fetch(of.baseUrl + path, {
    method,
    redirect: 'manual',
    signal: leaving.signal,
    headers: bearer === null ? {} : { authorization: `Bearer ${bearer}` },
  });
  // A stream would never end.
  leaving.abort();
  return response.status;
}

describe('every handler, tried by everybody', () => {
  test('is declared', () => {
    expect(routes.filter(({ access }) => access === 'undefined')).toEqual([]);
  });

  test('is among those of openapi.yaml, and none of those is left out', () => {
    const document: unknown = load(readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8'));
    const documented = operationsOf(document).map(({ method, path }) => `${method} ${path}`);
    // A browser on its way to and from a provider is no part of the API.
    const tried = handlersOf(api).filter(({ path }) => !path.includes('/session/oidc'));

    expect(tried.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([...documented].sort());
  });

  test('acts on workers for admins only', () => {
    const onWorkers = routes.filter(({ method, path }) => method !== 'GET' && path.includes('/workers/'));

    expect(onWorkers).toHaveLength(6);
    expect(onWorkers.filter(({ access }) => access !== 'administer')).toEqual([]);
  });

  test('answers 401 to nobody and to tokens that are wrong, expired or revoked, unless it is open', async () => {
    const admin = [...(roles.named('admin')?.permissions ?? [])];
    const expired = await tokenWith({ permissions: admin, expiresAt: NOON - 1 });
    const revoked = await tokenWith({ permissions: admin });
    await tokens.remove(revoked.slice(4, 12));
    const unlike = `${(await tokenWith({ permissions: admin })).slice(0, -2)}xx`;

    const wrong: unknown[] = [];
    for (const route of routes) {
      for (const bearer of [null, expired, revoked, unlike, 'tsk_', 'x'.repeat(400)]) {
        const status = await statusOf(route, bearer);
        const asDeclared = route.access === 'public' ? status !== 403 : status === 401;
        if (!asDeclared) wrong.push({ ...route, bearer, status });
      }
    }

    expect(wrong).toEqual([]);
    expect(engine.revokes).toEqual([]);
  });

  test.each(['viewer', 'operator', 'admin'])(
    'lets a %s do what the role may, and answers 403 to the rest',
    async (name) => {
      const permissions = roles.named(name)?.permissions ?? new Set<string>();
      const before = engine.revokes.length;

      const wrong: unknown[] = [];
      for (const route of routes.filter(({ access }) => access !== 'public')) {
        const bearer = await tokenWith({ permissions: [...(roles.named(name)?.permissions ?? [])] });
        const status = await statusOf(route, bearer);
        const allowed = [...permissions].some((permission) => permission === route.access);
        const refused = status === 401 || status === 403;
        if (refused === allowed) wrong.push({ ...route, status });
      }

      expect(wrong).toEqual([]);
      const acted = engine.revokes.length > before;
      expect(acted).toBe(permissions.has('operate'));
    },
  );

  test('refuses somebody out of scope: what can be limited shows nothing, what cannot is closed', async () => {
    const everything = [...(roles.named('admin')?.permissions ?? [])];
    const before = engine.revokes.length;

    const wrong: unknown[] = [];
    for (const [limit, scope] of [
      ['source', { sources: ['elsewhere'] }],
      ['queue', { queues: ['elsewhere-*'] }],
    ] as const) {
      for (const route of routes) {
        if (route.access === 'public') continue;
        const bearer = await tokenWith({ permissions: everything, ...scope });
        const status = await statusOf(route, bearer);
        const one = route.path.includes('training');
        // Of a body that is missing, too, nobody learns what there is.
        const expected = !route.limits.includes(limit) ? [403] : one ? [400, 404] : [200, 400, 503];
        if (!expected.includes(status)) wrong.push({ ...route, limit, status });
      }
    }

    expect(wrong).toEqual([]);
    expect(engine.revokes).toHaveLength(before);
  });

  test('lets nobody act in a read-only service', async () => {
    const quiet = new FakeEngine();
    quiet.store(aTaskDetail({ id: 'training:1' }));
    const readOnly = await startApiApp([quiet], { tokens, rules: { required: true, readOnly: true } });
    const bearer = await tokenWith({ permissions: [...(roles.named('admin')?.permissions ?? [])] });

    const answers = await Promise.all(
      routes
        .filter(({ access }) => [...CHANGING].some((permission) => permission === access))
        .map(({ method, path }) =>
          fetch(readOnly.baseUrl + path, { method, headers: { authorization: `Bearer ${bearer}` } }),
        ),
    );

    expect(answers.length).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => status !== 403)).toEqual([]);
    expect(quiet.revokes).toEqual([]);
    await readOnly.close();
  });

  test('a token for some actions does no others', async () => {
    const permissions = ['view', 'operate', 'administer'] as const;
    const bearer = await tokenWith({ permissions, actions: ['pauseNothing'] });
    const before = engine.revokes.length;

    const statuses = await Promise.all(
      routes
        .filter(({ access }) => access === 'operate' || access === 'administer')
        .map((route) => statusOf(route, bearer)),
    );

    expect(new Set(statuses)).toEqual(new Set([403]));
    expect(engine.revokes).toHaveLength(before);
  });

  test('has left a record of every change that was refused', async () => {
    const changing = routes.filter(({ access }) => access === 'operate');
    // Of its own: strangers who try too much are no longer recorded one by one.
    const own = new MemoryAuditLog();
    const another = await startApiApp([engine], { tokens, audit: own, rules: { required: true } });

    for (const route of changing) await statusOf(route, null, another);

    await eventually(async () => {
      const { records } = await own.read(query());
      expect(records.map(({ outcome, status, who }) => ({ outcome, status, who }))).toEqual(
        changing.map(() => ({ outcome: 'refused', status: 401, who: null })),
      );
    });
    await another.close();
  });
});

function query() {
  return { limit: 500, before: null, who: null, action: null, outcome: null };
}
