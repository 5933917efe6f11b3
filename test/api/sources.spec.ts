import { afterEach, describe, expect, test } from '@jest/globals';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { NOON } from '../support/builders.js';
import { FakeEngine } from '../support/fake-engine.js';

let api: ApiApp | undefined;

afterEach(() => api?.close());

describe('GET /api/v1/celery/sources', () => {
  test('tells what is watched, what can be done there and what watching costs, without asking a broker', async () => {
    const bull = new FakeEngine({ capabilities: ['schedules', 'revoke-waiting'] });
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
          cost: { connections: 3, commands: 42, bytes_read: 1000, reconnects: 1 },
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
          cost: { connections: 1, commands: 0, bytes_read: 0, reconnects: 0 },
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
