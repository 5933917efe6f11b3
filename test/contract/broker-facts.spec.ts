import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { brokerWarnings } from '../../src/core/broker-warnings.js';
import { bullmqEngine } from '../support/bullmq-watched.js';
import { startCeleryWatch } from '../support/celery-watch.js';
import { eventually } from '../support/eventually.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { Watched, watchBull } from './watched.js';

const MAX_BYTES = 100 * 1024 * 1024;

let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedisServer({
    args: ['--maxmemory', String(MAX_BYTES), '--maxmemory-policy', 'allkeys-lru', '--maxclients', '500'],
  });
  const admin = new Redis(redis.url);
  await admin.call('ACL', 'SETUSER', 'watcher', 'on', '>pass', '~*', '&*', '+@all', '-info');
  admin.disconnect();
});

afterAll(() => redis?.stop());

const signal = (): AbortSignal => AbortSignal.timeout(5_000);
const asWatcher = (): string => redis.url.replace('redis://', 'redis://watcher:pass@');

describe('what Redis tells of itself', () => {
  test.each(['bull', 'bullmq', 'celery'] as const)(
    '%s tells memory, clients, persistence and the version',
    async (kind) => {
      const celery = kind === 'celery' ? startCeleryWatch({ broker: redis.url }) : null;
      const engine =
        celery?.engine ?? (kind === 'bull' ? watchBull(redis.url) : new Watched(bullmqEngine(redis.url))).engine;
      try {
        await eventually(() => expect(engine.status().connection).toBe('connected'), { within: 10_000 });

        const facts = await engine.broker(signal());

        expect(facts).toMatchObject({
          product: 'Redis',
          version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
          servers: 1,
          role: 'master',
          replicas: 0,
          memory: { maxBytes: MAX_BYTES, evictionPolicy: 'allkeys-lru', evictedKeys: 0 },
          clients: { max: 500, rejected: 0 },
          persistence: { appendOnly: true, appendOnlyOk: true, saveOk: true },
          blocked: null,
        });
        expect(facts?.memory.usedBytes).toBeGreaterThan(100_000);
        expect(facts?.memory.systemBytes).toBeGreaterThan(MAX_BYTES);
        expect(facts?.clients.connected).toBeGreaterThan(0);
        expect(facts?.persistence.savedAt).toBeGreaterThan(Date.parse('2020-01-01'));
        expect(facts === null ? [] : brokerWarnings(kind, facts)).toEqual([
          'When its memory is full, the eviction policy allkeys-lru throws keys away: tasks that wait or run are lost without a trace. Set maxmemory-policy to noeviction.',
        ]);
      } finally {
        await (celery === null ? engine.stop() : celery.stop());
      }
    },
  );

  test('is not known, and nothing else suffers, where the access rules deny it', async () => {
    const watched = watchBull(asWatcher());
    try {
      await watched.connected();

      expect(await watched.engine.broker(signal())).toBeNull();

      expect(watched.engine.status()).toMatchObject({
        connection: 'connected',
        denied: ['what the broker tells of itself (INFO)'],
      });
    } finally {
      await watched.engine.stop();
    }
  });
});
