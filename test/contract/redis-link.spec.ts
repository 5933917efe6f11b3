import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { SystemClock } from '../../src/core/clock.js';
import { failureOf } from '../../src/engines/redis/redis-failure.js';
import { RedisLink } from '../../src/engines/redis/redis-link.js';
import { RedisMeter } from '../../src/engines/redis/redis-meter.js';
import { parseRedisUrl } from '../../src/engines/redis/redis-url.js';
import { eventually } from '../support/eventually.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function server(options?: Parameters<typeof startRedisServer>[0]): Promise<RedisServer> {
  const started = await startRedisServer(options);
  endings.push(() => started.stop());
  return started;
}

function open(url: string, onUp: () => void | Promise<void> = () => undefined) {
  const meter = new RedisMeter();
  const problems: string[] = [];
  const ups: number[] = [];
  const link = new RedisLink({
    settings: parseRedisUrl(url),
    clock: new SystemClock(),
    meter,
    name: 'taskscope-test',
    onUp: async () => {
      await onUp();
      ups.push(Date.now());
    },
    onDown: (problem) => problems.push(problem),
  });
  endings.push(() => link.close());
  link.open();
  return { link, meter, problems, ups };
}

describe('A link to Redis', () => {
  test('answers single commands and batches, an error in its place', async () => {
    const redis = await server();
    const { link, meter } = open(redis.url);
    await eventually(() => expect(link.up).toBe(true));

    await link.call(['SET', 'k', 'v']);
    const replies = await link.batch([
      ['GET', 'k'],
      ['LLEN', 'k'],
      ['GET', 'none'],
    ]);

    expect(replies[0]).toBe('v');
    expect(replies[1]).toBeInstanceOf(Error);
    expect(replies[2]).toBeNull();
    expect(meter.cost()).toMatchObject({ connections: 1, reconnects: 0 });
    expect(meter.cost().commands).toBeGreaterThanOrEqual(5);
    expect(meter.cost().bytesRead).toBeGreaterThan(10);
  });

  test('comes back after Redis was killed, and fails at once in between', async () => {
    const redis = await server();
    const { link, meter, problems, ups } = open(redis.url);
    await eventually(() => expect(link.up).toBe(true));
    await link.call(['SET', 'k', 'v']);

    await redis.kill();
    await eventually(() => expect(link.up).toBe(false));
    await expect(link.call(['GET', 'k'])).rejects.toThrow();
    await redis.restart();

    await eventually(() => expect(link.up).toBe(true), { within: 10_000 });
    expect(await link.call(['GET', 'k'])).toBe('v');
    expect(problems.length).toBeGreaterThan(0);
    expect(ups).toHaveLength(2);
    expect(meter.cost().reconnects).toBe(1);
  });

  test('says of a command under way when the connection breaks that Redis cannot be reached, not that it has refused', async () => {
    const redis = await server();
    const { link } = open(redis.url);
    await eventually(() => expect(link.up).toBe(true));

    const waiting = [link.call(['BLPOP', 'none', '0']), link.batch([['GET', 'k']]), link.call(['CLIENT', 'LIST'])];
    const failures = Promise.all(waiting.map((answer) => answer.then(() => null, failureOf)));
    link.reconnect(new Error('the watch has heard nothing'));

    expect(await failures).toEqual(['unreachable', 'unreachable', 'unreachable']);
  });

  test('says that the password is wrong, never what it is, and does not storm', async () => {
    const redis = await server({ password: 'right' });
    const { link, problems, meter } = open(`redis://:wrong-secret@127.0.0.1:${redis.port}`);

    await eventually(() => expect(problems).toContain('Redis refuses the user name or password'));
    await eventually(() => expect(problems.length).toBeGreaterThanOrEqual(3));

    expect(link.up).toBe(false);
    expect(problems.join()).not.toContain('wrong-secret');
    expect(meter.cost().commands).toBeLessThan(20);
  });

  test('connects through a unix socket', async () => {
    const redis = await server({ args: ['--unixsocket', 'redis.sock'] });
    const { link } = open(`redis+socket://${redis.dir}/redis.sock?db=3`);

    await eventually(() => expect(link.up).toBe(true));
    expect(await link.call(['PING'])).toBe('PONG');
  });

  test('connects to a cluster', async () => {
    const redis = await server({ args: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'] });
    const setup = open(redis.url);
    await eventually(() => expect(setup.link.up).toBe(true));
    await setup.link.call(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383']);
    await eventually(async () => expect(await setup.link.call(['CLUSTER', 'INFO'])).toContain('cluster_state:ok'));

    const { link, meter } = open(`redis+cluster://127.0.0.1:${redis.port}`);
    await eventually(() => expect(link.up).toBe(true));
    await link.call(['SET', 'a', '1']);
    await link.call(['SET', 'b', '2']);

    expect(
      await link.batch([
        ['GET', 'a'],
        ['GET', 'b'],
      ]),
    ).toEqual(['1', '2']);
    expect(
      await link.transactions([
        [
          ['GET', '{a}'],
          ['LLEN', 'l{a}'],
        ],
      ]),
    ).toEqual([[null, 0]]);
    expect(meter.cost().connections).toBeLessThanOrEqual(3);
  });

  test('finds out within ten seconds that the other side has gone silent', async () => {
    const redis = await server();
    const sockets = new Set<Socket>();
    const proxy: Server = createServer((near) => {
      const far = connect(redis.port, '127.0.0.1');
      sockets.add(near).add(far);
      near.pipe(far).pipe(near);
      for (const socket of [near, far]) socket.on('error', () => undefined); // the test cuts them
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    endings.push(() => {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    });
    const address = proxy.address();
    const { link, ups } = open(`redis://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
    await eventually(() => expect(link.up).toBe(true));

    const silentSince = Date.now();
    for (const socket of sockets) {
      socket.unpipe();
      socket.pause();
    }

    await eventually(() => expect(ups).toHaveLength(2), { within: 12_000 });
    expect((ups[1] ?? 0) - silentSince).toBeLessThan(10_000);
  });
});
