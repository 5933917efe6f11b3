import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ConsoleLogger, Controller, Get, Module } from '@nestjs/common';
import { Permission } from '../../src/auth/permission.decorator.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { aTaskDetail } from '../support/builders.js';
import { FakeEngine } from '../support/fake-engine.js';

const REVOKE = '/api/v1/celery/tasks/training:1/revoke';

class LogOfErrors extends ConsoleLogger {
  readonly errors: unknown[][] = [];

  override error(...parts: unknown[]): void {
    this.errors.push(parts);
  }

  override log(): void {}
}

@Controller('broken')
class BrokenController {
  @Get()
  @Permission('view')
  broken(): never {
    throw new TypeError('password=hunter2 is not a function');
  }
}
@Module({ controllers: [BrokenController] })
class BrokenModule {}

let api: ApiApp;
let engine: FakeEngine;
let log: LogOfErrors;

beforeEach(async () => {
  engine = new FakeEngine();
  engine.store(aTaskDetail());
  log = new LogOfErrors();
  api = await startApiApp([engine], { modules: [BrokenModule], logger: log });
});

afterEach(() => api.close());

describe('what is wrong with a request', () => {
  test.each(['/nope', '/api/v1/celery/nope', '/api/v1/celery/tasks/a/b/c', '/tasks/status', '/health'])(
    'is 404 on the unknown route %s',
    async (path) => {
      const response = await api.request.get(path);

      expect(response.status).toBe(404);
      expect(response.type).toBe('application/problem+json');
      expect(response.body).toEqual({
        type: 'urn:taskscope:problem:route-not-found',
        title: 'Route not found',
        status: 404,
        detail: `no route ${path}; see /docs`,
        instance: path,
      });
    },
  );

  test.each([
    ['delete', '/api/v1/celery/health', 'GET, HEAD'],
    ['get', REVOKE, 'POST'],
    ['put', REVOKE, 'POST'],
    ['post', '/health/live', 'GET, HEAD'],
  ] as const)('is 405 for %s %s, and says what is allowed', async (method, path, allow) => {
    const response = await api.request[method](path);

    expect(response.status).toBe(405);
    expect(response.headers.allow).toBe(allow);
    expect(response.body).toEqual({
      type: 'urn:taskscope:problem:method-not-allowed',
      title: 'Method not allowed',
      status: 405,
      detail: `expected ${allow.replace(', ', ' or ')}, found ${method.toUpperCase()}`,
      instance: path,
      allowed: allow.split(', '),
    });
  });

  test('is 413 for a body beyond 256 KB', async () => {
    const response = await api.request
      .post(REVOKE)
      .type('application/json')
      .send(JSON.stringify({ a: 'x'.repeat(262_144) }));

    expect(response.status).toBe(413);
    expect(response.body).toMatchObject({
      type: 'urn:taskscope:problem:body-too-large',
      detail: 'expected a body of at most 256 KB, found a larger one',
      instance: REVOKE,
    });
    expect(engine.revokes).toEqual([]);
  });

  test('is 400 for a body that is no JSON', async () => {
    const response = await api.request.post(REVOKE).type('application/json').send('{"terminate": tru');

    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({ type: 'urn:taskscope:problem:malformed-body', instance: REVOKE });
    expect(engine.revokes).toEqual([]);
  });

  test('is 400 for a path that does not decode', async () => {
    const response = await api.request.get('/api/v1/celery/tasks/%E0%A4%A');

    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({ type: 'urn:taskscope:problem:malformed-path', status: 400 });
  });
});

describe('what is wrong with us', () => {
  test('is 500 with nothing inside, and is logged once under the id that was told', async () => {
    const response = await api.request.get('/api/v1/celery/broken?x=1');

    expect(response.status).toBe(500);
    expect(response.type).toBe('application/problem+json');
    expect(response.body).toEqual({
      type: 'urn:taskscope:problem:internal-error',
      title: 'Internal error',
      status: 500,
      detail: `an unexpected error, logged under ${response.body.error_id}`,
      instance: '/api/v1/celery/broken',
      error_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(response.text).not.toContain('hunter2');
    expect(log.errors).toHaveLength(1);
    const [message, stack] = log.errors[0] ?? [];
    expect(message).toBe(`GET "/api/v1/celery/broken" failed (${response.body.error_id})`);
    expect(stack).toContain('BrokenController.broken');
  });

  test('does not log what callers do wrong', async () => {
    await api.request.get('/nope');
    await api.request.get('/api/v1/celery/tasks?limit=0');
    await api.request.get('/api/v1/celery/tasks/unknown');

    expect(log.errors).toEqual([]);
  });
});

describe('a request sent by a page of another site', () => {
  test.each([
    [{ 'Sec-Fetch-Site': 'cross-site' }, 403],
    [{ 'Sec-Fetch-Site': 'same-site' }, 403],
    [{ Origin: 'https://evil.example' }, 403],
    [{ Origin: 'null' }, 403],
    [{ 'Sec-Fetch-Site': 'same-origin' }, 200],
    [{ 'Sec-Fetch-Site': 'none' }, 403],
    [{}, 200],
  ])('with %o is answered %i', async (headers, status) => {
    const response = await api.request.post(REVOKE).set(headers);

    expect(response.status).toBe(status);
    expect(engine.revokes).toHaveLength(status === 200 ? 1 : 0);
  });

  test('may still read', async () => {
    const response = await api.request.get('/api/v1/celery/tasks/training:1').set('Sec-Fetch-Site', 'cross-site');

    expect(response.status).toBe(200);
    expect(response.headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('every answer', () => {
  test.each(['/api/v1/celery/tasks/status', '/nope', '/health/live', '/docs'])(
    'of %s forbids sniffing, framing and keeping, and does not name its server',
    async (path) => {
      const { headers } = await api.request.get(path);

      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      });
      expect(headers).not.toHaveProperty('x-powered-by');
    },
  );
});

describe('/docs', () => {
  test('shows Swagger UI and gives the document as JSON and YAML', async () => {
    const page = await api.request.get('/docs');
    const json = await api.request.get('/docs/openapi.json');
    const yaml = await api.request.get('/docs/openapi.yaml');

    expect(page.status).toBe(200);
    expect(page.text).toContain('<title>Taskscope API</title>');
    expect(Object.keys(json.body.paths)).toEqual(
      expect.arrayContaining(['/api/v1/celery/tasks/{id}/revoke', '/health/live', '/health/ready']),
    );
    expect(yaml.text).toContain('/api/v1/celery/tasks/{id}/revoke:');
  });
});
