import { describe, expect, test } from '@jest/globals';
import { brokerWarnings } from '../../../../src/core/broker-warnings.js';
import { factsOf, fieldsOf } from '../../../../src/engines/redis/redis-facts.js';

const NOW = 1_767_349_800_000;

function infoOf(said: Readonly<Record<string, string | number>>): ReadonlyMap<string, string> {
  return fieldsOf(
    `# Server\r\n${Object.entries(said)
      .map(([name, value]) => `${name}:${value}`)
      .join('\r\n')}\r\n`,
  );
}

const SOUND = {
  redis_version: '7.2.4',
  used_memory: 50,
  maxmemory: 100,
  maxmemory_policy: 'noeviction',
  evicted_keys: 0,
  connected_clients: 4,
  maxclients: 100,
  rdb_last_bgsave_status: 'ok',
  aof_enabled: 1,
  aof_last_write_status: 'ok',
};

describe('the facts of a Redis', () => {
  test('are null where the server does not tell them', () => {
    const facts = factsOf([infoOf({ redis_version: '2.8.0' })], NOW);

    expect(facts).toMatchObject({ product: 'Redis', version: '2.8.0', uptimeSeconds: null, commandsPerSecond: null });
    expect(facts.memory).toEqual({
      usedBytes: null,
      peakBytes: null,
      maxBytes: null,
      systemBytes: null,
      evictionPolicy: null,
      evictedKeys: null,
    });
    expect(brokerWarnings('bull', facts)).toEqual([]);
  });

  test('of a Cluster are added up, with the worst of what cannot be', () => {
    const facts = factsOf(
      [
        infoOf({ ...SOUND, rdb_last_save_time: 200, uptime_in_seconds: 9 }),
        infoOf({ ...SOUND, maxmemory_policy: 'allkeys-lfu', rdb_last_save_time: 100, uptime_in_seconds: 5 }),
      ],
      NOW,
    );

    expect(facts).toMatchObject({
      servers: 2,
      uptimeSeconds: 5,
      memory: { usedBytes: 100, maxBytes: 200, evictionPolicy: 'allkeys-lfu' },
      clients: { connected: 8, max: 200 },
      persistence: { savedAt: 100_000 },
    });
  });

  test('name the product by what only it tells', () => {
    expect(factsOf([infoOf({ ...SOUND, valkey_version: '8.1.0' })], NOW)).toMatchObject({
      product: 'Valkey',
      version: '8.1.0',
    });
  });
});

describe('warnings about a broker', () => {
  const warningsOf = (engine: 'bull' | 'bullmq' | 'celery', said: Readonly<Record<string, string | number>>) =>
    brokerWarnings(engine, factsOf([infoOf({ ...SOUND, ...said })], NOW));

  test('are none where all is well', () => {
    expect(warningsOf('bullmq', {})).toEqual([]);
  });

  test('say what an eviction policy costs which engine', () => {
    expect(warningsOf('bullmq', { maxmemory_policy: 'volatile-lru' })).toEqual([
      'When its memory is full, the eviction policy volatile-lru throws keys away: the locks of running tasks vanish, and those tasks run twice. Set maxmemory-policy to noeviction.',
    ]);
    expect(warningsOf('celery', { maxmemory_policy: 'volatile-ttl', maxmemory: 0 })).toEqual([
      'As soon as Redis has a memory limit, the eviction policy volatile-ttl throws keys away: results vanish before their time. Set maxmemory-policy to noeviction.',
    ]);
  });

  test('tell of a server that is nearly full, has lost keys, or cannot write to its disk', () => {
    expect(
      warningsOf('bull', {
        used_memory: 91,
        connected_clients: 91,
        evicted_keys: 7,
        rdb_last_bgsave_status: 'err',
        aof_last_write_status: 'err',
      }),
    ).toEqual([
      'Redis has thrown away 7 keys for lack of memory since it started.',
      'Redis has used more than nine tenths of the memory that it may use.',
      'Redis has more than nine tenths of the connections that it accepts.',
      'Redis could not save its data to disk the last time it tried.',
      'Redis could not write to its append-only file the last time it tried.',
    ]);
  });
});
