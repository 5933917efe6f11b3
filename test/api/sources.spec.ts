import { afterEach, describe, expect, test } from '@jest/globals';
import { UNKNOWN_BROKER } from '../../src/core/broker-facts.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { NOON } from '../support/builders.js';
import { FakeEngine } from '../support/fake-engine.js';

let api: ApiApp | undefined;

afterEach(() => api?.close());

describe('GET /api/v1/celery/sources', () => {
  test('tells what is watched, what can be done there and what watching costs, without asking a broker', async () => {
    const bull = new FakeEngine({ capabilities: ['schedules', 'revoke-waiting'] });
    bull.sendableNames = ['app.*'];
    bull.brokerCost = { connections: 3, commands: 42, bytesRead: 1000, reconnects: 1 };
    const celery = new FakeEngine({ engine: 'celery', connection: 'disconnected', capabilities: [] });
    api = await startApiApp([bull, celery]);

    const response = await api.request.get('/api/v1/celery/sources');

    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      items: [
        {
          source: 'bull',
          engine: 'bull',
          location: 'bull+redis://broker.example:6379/0',
          connection: 'connected',
          since: '2026-01-02T10:30:00.000Z',
          last_answer_at: '2026-01-02T10:30:00.000Z',
          problem: null,
          as_of: null,
          poll_seconds: null,
          capabilities: ['revoke-waiting', 'schedules'],
          sendable: ['app.*'],
          cost: { connections: 3, commands: 42, bytes_read: 1000, reconnects: 1 },
          broker: null,
        },
        {
          source: 'celery',
          engine: 'celery',
          location: 'celery+redis://broker.example:6379/0',
          connection: 'disconnected',
          since: '2026-01-02T10:30:00.000Z',
          last_answer_at: null,
          problem: 'connection refused',
          as_of: null,
          poll_seconds: null,
          capabilities: [],
          sendable: [],
          cost: { connections: 1, commands: 0, bytes_read: 0, reconnects: 0 },
          broker: null,
        },
      ],
      next_cursor: null,
      total: 2,
      unresolved: [],
    });
    expect(bull.inspections).toBe(0);
  });

  test('tells of brokers of which it is not known yet what lives there', async () => {
    api = await startApiApp([]);
    api.inspector.resolving('redis://empty.example:6379/0', {
      connection: 'connected',
      since: NOON,
      lastAnswerAt: NOON,
      problem: null,
    });

    const { body } = await api.request.get('/api/v1/celery/sources');

    expect(body).toEqual({
      items: [],
      next_cursor: null,
      total: 0,
      unresolved: [
        {
          location: 'redis://empty.example:6379/0',
          connection: 'connected',
          since: '2026-01-02T10:30:00.000Z',
          problem: null,
        },
      ],
    });
  });
});

describe('GET /api/v1/celery/sources/{name}', () => {
  test('looks, and tells what the broker tells of itself, with what should be mended', async () => {
    const engine = new FakeEngine();
    engine.brokerFacts = {
      ...UNKNOWN_BROKER,
      at: NOON,
      product: 'Redis',
      version: '7.2.4',
      memory: { ...UNKNOWN_BROKER.memory, usedBytes: 1000, maxBytes: 0, evictionPolicy: 'allkeys-lru' },
    };
    api = await startApiApp([engine]);

    const { status, body } = await api.request.get('/api/v1/celery/sources/bull');

    expect(status).toBe(200);
    expect(body.broker).toEqual({
      as_of: '2026-01-02T10:30:00.000Z',
      product: 'Redis',
      version: '7.2.4',
      servers: 1,
      uptime_seconds: null,
      role: null,
      replicas: null,
      memory: {
        used_bytes: 1000,
        peak_bytes: null,
        max_bytes: 0,
        system_bytes: null,
        eviction_policy: 'allkeys-lru',
        evicted_keys: null,
      },
      clients: { connected: null, max: null, blocked: null, rejected: null },
      commands_per_second: null,
      persistence: { append_only: null, append_only_ok: null, saved_at: null, save_ok: null, unsaved_changes: null },
      blocked: null,
      warnings: [expect.stringContaining('allkeys-lru')],
    });
  });

  test('answers 404 with the names there are', async () => {
    api = await startApiApp([new FakeEngine()]);

    const { status, body } = await api.request.get('/api/v1/celery/sources/nobody');

    expect(status).toBe(404);
    expect(body.detail).toContain('bull');
  });
});
