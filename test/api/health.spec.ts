import { afterEach, describe, expect, test } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { SourceUnavailable } from '../../src/core/errors.js';
import { Drain } from '../../src/health/drain.js';
import { HealthProbe, type ProbeAnswer } from '../../src/health/health-probe.decorator.js';
import { type ApiApp, type ApiAppOptions, startApiApp } from '../support/api-app.js';
import { aSnapshot, aWorker } from '../support/builders.js';
import { FakeEngine } from '../support/fake-engine.js';

const TIMESTAMP = '2026-01-02T10:30:00.000Z';

let api: ApiApp | undefined;

async function start(engines: readonly FakeEngine[], options: ApiAppOptions = {}): Promise<ApiApp> {
  api = await startApiApp(engines, options);
  return api;
}

afterEach(async () => {
  await api?.close();
  api = undefined;
});

describe('GET /api/v1/celery/health', () => {
  const path = '/api/v1/celery/health';

  test('is healthy while every broker is connected and a worker is up', async () => {
    const engine = new FakeEngine();
    engine.setSnapshot({ workers: [aWorker()] });
    const { request } = await start([engine]);

    const response = await request.get(path);

    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      status: 'healthy',
      message: 'All systems operational',
      workers: 1,
      broker_connected: true,
      timestamp: TIMESTAMP,
    });
  });

  test('is degraded without workers', async () => {
    const { request } = await start([new FakeEngine()]);

    const response = await request.get(path);

    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      status: 'degraded',
      message: 'No worker is up.',
      workers: 0,
      broker_connected: true,
      timestamp: TIMESTAMP,
    });
  });

  test('is degraded while the history cannot be written, and stays ready', async () => {
    const engine = new FakeEngine();
    engine.setSnapshot({ workers: [aWorker()] });
    const history = { condition: () => ({ state: 'degraded', problem: 'the disk is full' }) as const };
    const { request } = await start([engine], { history });

    const health = await request.get(path);
    const ready = await request.get('/health/ready');

    expect(health.body).toMatchObject({
      status: 'degraded',
      message: 'The history cannot be written: the disk is full.',
    });
    expect(ready.status).toBe(200);
    expect(ready.body).toMatchObject({ details: { history: { status: 'degraded', message: 'cannot be written' } } });
  });

  test('is degraded by a stalled worker, and names it', async () => {
    const engine = new FakeEngine();
    engine.setSnapshot({ workers: [aWorker(), aWorker({ name: 'worker-2', status: 'stalled' })] });
    const { request } = await start([engine]);

    const response = await request.get(path);

    expect(response.body).toEqual({
      status: 'degraded',
      message: 'Stalled, alive but consuming nothing: worker-2.',
      workers: 2,
      broker_connected: true,
      timestamp: TIMESTAMP,
    });
  });

  test('is unhealthy, with 503, when no broker can be reached', async () => {
    const { request } = await start([new FakeEngine({ connection: 'disconnected' })]);

    const response = await request.get(path);

    expect(response.status).toBe(503);
    expect(response.body).toEqual({
      status: 'unhealthy',
      message: 'Source "bull" is disconnected: connection refused.',
      workers: 0,
      broker_connected: false,
      timestamp: TIMESTAMP,
    });
  });

  test('is unhealthy when nothing is watched', async () => {
    const { request } = await start([]);

    const response = await request.get(path);

    expect(response.status).toBe(503);
    expect(response.body).toMatchObject({ status: 'unhealthy', message: 'No source is configured.' });
  });

  test('is unhealthy while the only broker is not known yet, and says why', async () => {
    const { request, inspector } = await start([]);
    inspector.resolving('redis://new.example:6379/0', {
      connection: 'disconnected',
      since: aSnapshot().at,
      lastAnswerAt: null,
      problem: 'connect ECONNREFUSED',
    });

    const response = await request.get(path);

    expect(response.status).toBe(503);
    expect(response.body).toEqual({
      status: 'unhealthy',
      message: 'The broker redis://new.example:6379/0 is disconnected: connect ECONNREFUSED.',
      workers: 0,
      broker_connected: false,
      timestamp: TIMESTAMP,
    });
  });

  test('is degraded, not unhealthy, when a broker holds nothing yet', async () => {
    const { request, inspector } = await start([]);
    const at = aSnapshot().at;
    inspector.resolving('redis://new.example:6379/0', {
      connection: 'connected',
      since: at,
      lastAnswerAt: at,
      problem: null,
    });

    const response = await request.get(path);
    const ready = await request.get('/health/ready');

    expect(response.status).toBe(200);
    expect(response.body).toMatchObject({
      status: 'degraded',
      message: 'Nothing of Celery, Bull or BullMQ is at redis://new.example:6379/0 yet. No worker is up.',
      broker_connected: true,
    });
    expect(ready.status).toBe(200);
  });

  test('is degraded, not unhealthy, when one of two brokers is away', async () => {
    const up = new FakeEngine({ name: 'up' });
    up.setSnapshot({ workers: [aWorker({ source: 'up' })] });
    const { request } = await start([up, new FakeEngine({ name: 'away', connection: 'disconnected' })]);

    const response = await request.get(path);

    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      status: 'degraded',
      message: 'Source "away" is disconnected: connection refused.',
      workers: 1,
      broker_connected: false,
      timestamp: TIMESTAMP,
    });
  });

  test('is degraded when a connected broker fails the latest look', async () => {
    const engine = new FakeEngine();
    engine.failInspect = new SourceUnavailable('LOADING Redis is loading the dataset in memory');
    const { request } = await start([engine]);

    const response = await request.get(path);

    expect(response.body).toMatchObject({
      status: 'degraded',
      message:
        'The latest look at source "bull" failed: LOADING Redis is loading the dataset in memory. No worker is up.',
    });
  });
});

describe('GET /health/ready', () => {
  test('is 503 until every source has answered once', async () => {
    const first = new FakeEngine({ name: 'first' });
    const second = new FakeEngine({ name: 'second', connection: 'connecting' });
    const { request } = await start([first, second]);

    const before = await request.get('/health/ready');
    second.setStatus({ connection: 'connected', lastAnswerAt: aSnapshot().at });
    const after = await request.get('/health/ready');

    expect(before.status).toBe(503);
    expect(before.body).toEqual({
      status: 'error',
      info: { 'source:first': { status: 'up' } },
      error: { 'source:second': { status: 'down', message: 'has not answered yet' } },
      details: {
        'source:first': { status: 'up' },
        'source:second': { status: 'down', message: 'has not answered yet' },
      },
    });
    expect(after.status).toBe(200);
    expect(after.body).toEqual({
      status: 'ok',
      info: { 'source:first': { status: 'up' }, 'source:second': { status: 'up' } },
      error: {},
      details: { 'source:first': { status: 'up' }, 'source:second': { status: 'up' } },
    });
  });

  test('stays 200, degraded and without addresses, when a broker that has answered goes away', async () => {
    const engine = new FakeEngine();
    const { request } = await start([engine]);
    engine.setStatus({ connection: 'disconnected', problem: 'connect ECONNREFUSED 10.1.2.3:6379' });

    const response = await request.get('/health/ready');

    expect(response.status).toBe(200);
    const source = { 'source:bull': { status: 'degraded', message: 'disconnected' } };
    expect(response.body).toEqual({ status: 'degraded', info: source, error: {}, details: source });
  });

  test('is 503 while a configured broker has not answered, though it is no source yet', async () => {
    const { request, inspector } = await start([new FakeEngine()]);
    inspector.resolving('redis://new.example:6379/0', {
      connection: 'connecting',
      since: aSnapshot().at,
      lastAnswerAt: null,
      problem: null,
    });

    const response = await request.get('/health/ready');

    expect(response.status).toBe(503);
    expect(response.body.error).toEqual({
      'broker:1': { status: 'down', message: 'has not answered yet' },
    });
  });

  test('asks no broker', async () => {
    const engine = new FakeEngine();
    const { request } = await start([engine]);

    await request.get('/health/ready');

    expect(engine.inspections).toBe(0);
  });

  test('finds every probe by its decorator, and one that hangs or throws fails alone and in time', async () => {
    @Injectable()
    class StoreProbes {
      @HealthProbe('store')
      async store(): Promise<readonly ProbeAnswer[]> {
        return [{ name: 'store', status: 'up', message: '3 files' }];
      }

      @HealthProbe('hanging')
      hanging(): Promise<readonly ProbeAnswer[]> {
        return new Promise(() => undefined);
      }

      @HealthProbe('throwing')
      async throwing(): Promise<readonly ProbeAnswer[]> {
        throw new Error('secret of the house');
      }
    }
    @Module({ providers: [StoreProbes] })
    class StoreModule {}
    const { request } = await start([], { modules: [StoreModule], probeDeadlineMs: 30 });

    const response = await request.get('/health/ready');

    expect(response.status).toBe(503);
    expect(response.body).toEqual({
      status: 'error',
      info: { store: { status: 'up', message: '3 files' } },
      error: {
        hanging: { status: 'down', message: 'the probe fails; the log says why' },
        throwing: { status: 'down', message: 'the probe fails; the log says why' },
      },
      details: {
        store: { status: 'up', message: '3 files' },
        hanging: { status: 'down', message: 'the probe fails; the log says why' },
        throwing: { status: 'down', message: 'the probe fails; the log says why' },
      },
    });
  });
});

describe('GET /health/live', () => {
  test('is 200 whatever the brokers do', async () => {
    const { request } = await start([new FakeEngine({ connection: 'disconnected' })]);

    const response = await request.get('/health/live');

    expect(response.status).toBe(200);
    expect(response.body).toEqual({ status: 'ok' });
  });

  test('stays 200 while the service drains, when readiness already says 503 and requests are still answered', async () => {
    const { request, app } = await start([new FakeEngine()], { drainMs: 300 });
    let drained = false;

    const draining = app
      .get(Drain)
      .begin()
      .then(() => {
        drained = true;
      });
    const ready = await request.get('/health/ready');
    const live = await request.get('/health/live');
    const tasks = await request.get('/api/v1/celery/tasks/status');

    expect(drained).toBe(false);
    expect(ready.status).toBe(503);
    expect(ready.body).toMatchObject({ error: { service: { status: 'down', message: 'is stopping' } } });
    expect(live.status).toBe(200);
    expect(tasks.status).toBe(200);
    await draining;
  });
});
