import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { type ApiToken, makeToken } from '../../src/auth/api-token.js';
import { MemoryAuditLog } from '../../src/auth/memory-audit-log.js';
import { MemoryTokenStore } from '../../src/auth/memory-token-store.js';
import { ACCESS_KEY, SCOPE_KEY } from '../../src/auth/permission.decorator.js';
import { Roles } from '../../src/auth/roles.js';
import { settingsSchema } from '../../src/config/settings-schema.js';
import { CHANGING, type PermissionName } from '../../src/core/permissions.js';
import { MetricsModule } from '../../src/metrics/metrics.module.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { aQueue, aTaskDetail, aWorker, NOON } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { FakeEngine } from '../support/fake-engine.js';

const DAY_MS = 86_400_000;

interface Route {
  readonly method: string;
  readonly path: string;
  readonly access: string;
  readonly limits: readonly string[];
}

const tokens = new MemoryTokenStore();
const audit = new MemoryAuditLog();
const engine = new FakeEngine();
const roles = new Roles();
let api: ApiApp;
let routes: readonly Route[] = [];

beforeAll(async () => {
  engine.store(aTaskDetail({ id: 'training:1', result: { model: 'tree' }, args: ['secret'] }));
  engine.setSnapshot({ workers: [aWorker()], queues: [aQueue()] });
  api = await startApiApp([engine], {
    tokens,
    audit,
    rules: { required: true },
    modules: [MetricsModule.forRoot(settingsSchema.parse({}).metrics)],
  });
  routes = routesOf(api);
});

afterAll(() => api.close());

/** Every handler of every controller, from what Nest itself knows of them. */
function routesOf({ app }: ApiApp): readonly Route[] {
  const scanner = app.get(MetadataScanner, { strict: false });
  return app
    .get(DiscoveryService, { strict: false })
    .getControllers()
    .flatMap(({ metatype }) => {
      if (typeof metatype !== 'function') return [];
      const prototype: unknown = metatype.prototype;
      if (typeof prototype !== 'object' || prototype === null) return [];
      return scanner.getAllMethodNames(prototype).flatMap((name) => {
        const handler: unknown = Reflect.get(prototype, name);
        if (typeof handler !== 'function' || !Reflect.hasMetadata(PATH_METADATA, handler)) return [];
        const of = (key: string): unknown => Reflect.getMetadata(key, handler) ?? Reflect.getMetadata(key, metatype);
        const limits: unknown = of(SCOPE_KEY);
        return [
          {
            method: String(RequestMethod[Number(Reflect.getMetadata(METHOD_METADATA, handler))]),
            path: pathOf(Reflect.getMetadata(PATH_METADATA, metatype), Reflect.getMetadata(PATH_METADATA, handler)),
            access: String(of(ACCESS_KEY)),
            limits: Array.isArray(limits) ? limits.map(String) : [],
          },
        ];
      });
    });
}

function pathOf(...parts: readonly unknown[]): string {
  const path = parts
    .map((part) => String(part).replace(/^\/+|\/+$/g, ''))
    .filter((part) => part !== '')
    .join('/');
  const outside = ['metrics', 'health/live', 'health/ready'].includes(path);
  return `${outside ? '' : '/api/v1/celery'}/${path.replaceAll(/:\w+/g, (name) => (name === ':id' ? 'training:1' : 'training'))}`;
}

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

async function statusOf({ method, path }: Route, bearer: string | null, of = api): Promise<number> {
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
    expect(routes.length).toBeGreaterThan(15);
    expect(routes.filter(({ access }) => access === 'undefined')).toEqual([]);
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
