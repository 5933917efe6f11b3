import { afterEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { eventually } from '../support/eventually.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { BullApp } from './bull-app.js';
import { watchBull } from './watched.js';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function server(args: readonly string[] = []): Promise<{ redis: RedisServer; raw: Redis }> {
  const redis = await startRedisServer({ args: ['--appendonly', 'no', ...args] });
  const raw = new Redis(redis.url);
  endings.push(
    () => redis.stop(),
    () => raw.disconnect(),
  );
  return { redis, raw };
}

/** Time spent per call, in microseconds, by command. */
async function slowest(raw: Redis, commands: readonly string[]): Promise<Map<string, number>> {
  const stats = new Map<string, number>();
  for (const line of (await raw.info('commandstats')).split('\r\n')) {
    const found = /^cmdstat_([a-z|_]+):calls=(\d+),usec=(\d+),/.exec(line);
    if (found?.[1] && commands.includes(found[1])) stats.set(found[1], Number(found[3]) / Number(found[2]));
  }
  return stats;
}

describe('What watching costs Redis:', () => {
  test('nothing is in proportion to the length of a list', async () => {
    const { redis, raw } = await server(['--slowlog-log-slower-than', '2000']);
    const pipeline = raw.pipeline();
    for (let n = 0; n < 200; n += 1) {
      pipeline.lpush('bull:long:wait', ...Array.from({ length: 1_000 }, (_, i) => n * 1_000 + i + 1));
    }
    pipeline.set('bull:long:id', 200_000);
    pipeline.hset('bull:long:100000', {
      name: 'x',
      timestamp: Date.now(),
      opts: '{"attempts":1,"delay":0}',
      data: '{}',
    });
    await pipeline.exec();
    await raw.config('RESETSTAT');
    await raw.slowlog('RESET');

    const watched = watchBull(redis.url);
    endings.push(() => watched.engine.stop());
    await watched.connected();
    await watched.knows('long');
    for (let n = 0; n < 5; n += 1) expect((await watched.look()).reserved.total).toBe(200_000);
    const middle = await watched.engine.findTask('long:100000', AbortSignal.timeout(5_000));

    expect(middle?.state).toBe('PENDING');
    expect(await raw.slowlog('GET', 10)).toEqual([]);
    const used = (await raw.info('commandstats')).match(/cmdstat_[a-z|]+/g) ?? [];
    for (const forbidden of ['keys', 'smembers', 'monitor', 'sort', 'hgetall']) {
      expect(used).not.toContain(`cmdstat_${forbidden}`);
    }
    for (const [, microseconds] of await slowest(raw, ['lrange', 'lindex', 'lpos', 'zrange', 'scan'])) {
      expect(microseconds).toBeLessThan(1_000);
    }
  });

  test('200 busy queues need four connections at most, and a poll a fixed number of commands per queue', async () => {
    const { redis, raw } = await server();
    const pipeline = raw.pipeline();
    for (let n = 0; n < 200; n += 1) {
      pipeline.set(`bull:q${n}:id`, 1);
      pipeline.lpush(`bull:q${n}:wait`, '1');
      pipeline.hset(`bull:q${n}:1`, { name: 'x', timestamp: Date.now(), opts: '{}', data: '{}' });
    }
    await pipeline.exec();
    const watched = watchBull(redis.url);
    endings.push(() => watched.engine.stop());
    await watched.connected();
    await eventually(async () => expect((await watched.look()).queues).toHaveLength(200), { within: 10_000 });

    let commands = Number.POSITIVE_INFINITY;
    for (let n = 0; n < 5; n += 1) {
      const before = watched.engine.cost().commands;
      await watched.look();
      // The books are checked every two seconds, perhaps just now.
      commands = Math.min(commands, watched.engine.cost().commands - before);
    }

    expect(commands).toBeLessThan(200 * 13 + 200);
    expect(watched.engine.cost().connections).toBeLessThanOrEqual(4);
    const clients: unknown = await raw.client('LIST');
    expect(String(clients).match(/name=taskscope-/g)?.length).toBe(watched.engine.cost().connections);
  });
});

describe('Where Redis denies a right, only what needs it is off, and named:', () => {
  const restricted = async (rules: readonly string[]) => {
    const { redis, raw } = await server();
    await raw.call('ACL', 'SETUSER', 'watcher', 'on', '>pw', '~*', '&*', '+@all', ...rules);
    const app = new BullApp(redis.url);
    await app.add('mail', { result: 1 });
    await app.work('mail');
    const watched = watchBull(`redis://watcher:pw@127.0.0.1:${redis.port}`);
    endings.push(
      () => app.close(),
      () => watched.engine.stop(),
    );
    await watched.connected();
    await watched.knows('mail');
    return { app, watched, raw };
  };

  test('without CLIENT LIST nobody knows the workers: consumers is null, not 0', async () => {
    const { watched } = await restricted(['-client|list']);

    const { queues } = await watched.look();

    expect(queues[0]?.consumers).toBeNull();
    expect(watched.engine.status()).toMatchObject({ connection: 'connected', problem: null });
    expect(watched.engine.status().denied).toEqual([expect.stringContaining('CLIENT LIST')]);
  });

  test('without PSUBSCRIBE tasks are found out by looking', async () => {
    const { app, watched } = await restricted(['-psubscribe']);

    await eventually(
      async () => {
        await app.add('mail', { result: 2 });
        expect(watched.tasks('task-succeeded').filter(({ value }) => value === 2).length).toBeGreaterThan(0);
      },
      { within: 10_000, every: 500 },
    );
    expect(watched.engine.status().denied).toEqual([expect.stringContaining('PSUBSCRIBE')]);
  });

  test('without EVAL nothing can be revoked, and all else goes on', async () => {
    const { app, watched } = await restricted(['-eval']);
    const jobId = await app.add('idle');
    await watched.knows('idle');

    const revoking = watched.engine.revoke(
      `idle:${jobId}`,
      { terminate: false, signal: null },
      AbortSignal.timeout(5_000),
    );

    await expect(revoking).rejects.toMatchObject({ code: 'not-supported' });
    expect((await watched.look()).queues.find(({ name }) => name === 'idle')?.length).toBe(1);
  });

  test('without XREAD, MULTI and PING the rest works, and nothing storms', async () => {
    const { app, watched, raw } = await restricted(['-xread', '-multi', '-ping', '-xrevrange']);
    const jobId = await app.add('mail', { result: 2 });

    await eventually(() => expect(watched.tasks('task-succeeded').map(({ id }) => id)).toContain(`mail:${jobId}`));
    await eventually(() => expect(watched.engine.status().denied?.length).toBeGreaterThanOrEqual(2), { within: 8_000 });
    const denied = (await raw.info('commandstats')).match(/cmdstat_(?:xread|xrevrange):.*rejected_calls=(\d+)/g) ?? [];
    expect(denied.every((line) => Number(/rejected_calls=(\d+)/.exec(line)?.[1]) <= 2)).toBe(true);
  });
});

describe('A source that cannot be reached', () => {
  test('is tried again and again, says why, and answers nothing but that', async () => {
    const redis = await startRedisServer({ password: 'right' });
    endings.push(() => redis.stop());
    const watched = watchBull(`redis://:wrong@127.0.0.1:${redis.port}`);
    endings.push(() => watched.engine.stop());

    await eventually(() =>
      expect(watched.engine.status()).toMatchObject({
        connection: 'disconnected',
        problem: 'Redis refuses the user name or password',
      }),
    );
    await expect(watched.look()).rejects.toMatchObject({ code: 'source-unavailable' });
  });
});
