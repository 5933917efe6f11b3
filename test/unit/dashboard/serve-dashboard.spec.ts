import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import express from 'express';
import supertest from 'supertest';
import { serveDashboard } from '../../../src/dashboard/serve-dashboard.js';

const folder = mkdtempSync(join(tmpdir(), 'taskscope-dashboard-'));

beforeAll(() => {
  mkdirSync(join(folder, 'assets'));
  writeFileSync(
    join(folder, 'index.html'),
    '<html><head></head><script src="./assets/a-1.js" nonce="__NONCE__"></script>',
  );
  writeFileSync(join(folder, 'assets/a-1.js'), 'export {};');
  writeFileSync(join(folder, 'favicon.svg'), '<svg/>');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function served(prefix = '/flower', from = folder) {
  const app = express();
  app.use(serveDashboard({ prefix, apiPath: 'api/v1/celery' }, from));
  return supertest(app);
}

describe('the served dashboard', () => {
  test.each([
    ['/flower/', './'],
    ['/flower/tasks', './'],
    ['/flower/tasks/training:42', '../'],
    ['/flower/tasks/a%2Fb', '../'],
    ['/flower/tasks/report.pdf', '../'],
    ['/flower/queues/a/b', '../../'],
  ])('answers %s with the page, based at the prefix', async (path, base) => {
    const response = await served().get(path);

    expect(response.status).toBe(200);
    expect(response.type).toBe('text/html');
    expect(response.text).toContain(`<head><base href="${base}">`);
    expect(response.text).toContain('<meta name="taskscope-api" content="../api/v1/celery">');
  });

  test('leads to the API from under a longer prefix', async () => {
    const { text } = await served('/monitor/queue').get('/monitor/queue/tasks/1');

    expect(text).toContain('<base href="../"><meta name="taskscope-api" content="../../api/v1/celery">');
  });

  test('sends the bare prefix to its folder by a relative way, which holds behind any proxy path', async () => {
    const response = await served('/monitor/queue').get('/monitor/queue?source=a');

    expect(response.status).toBe(308);
    expect(response.headers.location).toBe('queue/?source=a');
  });

  test('allows only what carries the nonce of this very answer', async () => {
    const first = await served().get('/flower/');
    const second = await served().get('/flower/');

    const policy = String(first.headers['content-security-policy']);
    const [, nonce] = /script-src 'nonce-([^']+)'/.exec(policy) ?? [];
    expect(nonce).toMatch(/^[A-Za-z0-9+/]{24}$/);
    expect(first.text).toContain(`nonce="${nonce}"`);
    expect(first.text).not.toContain('__NONCE__');
    expect(policy).toContain(`default-src 'none'`);
    expect(policy).not.toContain('unsafe');
    expect(second.headers['content-security-policy']).not.toBe(policy);
  });

  test('lets what is named after its contents be kept for ever, and nothing else', async () => {
    const asset = await served().get('/flower/assets/a-1.js');
    const icon = await served().get('/flower/favicon.svg');
    const packed = await served().get('/flower/assets/a-1.js').set('Accept-Encoding', 'gzip');

    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(asset.type).toBe('text/javascript');
    expect(icon.headers['cache-control']).toBe('no-cache');
    expect(packed.headers['content-encoding']).toBe('gzip');
  });

  test.each(['/flower/assets/gone.js', '/flower/missing.png', '/flowers/', '/'])(
    'leaves %s to others',
    async (path) => {
      expect((await served().get(path)).status).toBe(404);
    },
  );

  test('says what to do where it was not built', async () => {
    const response = await served('/flower', join(folder, 'nowhere')).get('/flower/');

    expect(response.status).toBe(404);
    expect(response.body.detail).toBe('expected the dashboard in dist/dashboard, found none: run npm run build');
  });
});
