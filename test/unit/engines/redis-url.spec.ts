import { describe, expect, test } from '@jest/globals';
import { parseRedisUrl, redactUrl } from '../../../src/engines/redis/redis-url.js';

describe('Redis URLs', () => {
  test.each(['postgres', 'postgresql'])(
    'of a %s database, where BullMQ 6 may keep queues, are refused in so many words',
    (scheme) => {
      expect(() => parseRedisUrl(`${scheme}://app:secret@db:5432/jobs`)).toThrow(
        /^postgres(ql)?:\/\/db:5432\/jobs is a PostgreSQL database\. BullMQ 6 can keep its queues in one, which Taskscope does not read/,
      );
    },
  );

  test('name host, port, credentials and database', () => {
    expect(parseRedisUrl('redis://ann:p%40ss@cache.local:6380/3')).toEqual({
      topology: { kind: 'single', host: 'cache.local', port: 6380 },
      username: 'ann',
      password: 'p@ss',
      database: 3,
      tls: null,
    });
  });

  test('fall back to the usual port, database 0 and no credentials', () => {
    expect(parseRedisUrl('redis://localhost')).toMatchObject({
      topology: { host: 'localhost', port: 6379 },
      username: null,
      password: null,
      database: 0,
    });
  });

  test('take a password without a user name, even with an unescaped @ in it', () => {
    expect(parseRedisUrl('redis://:se@cret@localhost')).toMatchObject({ username: null, password: 'se@cret' });
  });

  test('take an IPv6 address', () => {
    expect(parseRedisUrl('redis://[::1]:7000').topology).toEqual({ kind: 'single', host: '::1', port: 7000 });
  });

  test('ask for TLS, with the names Celery users know', () => {
    expect(parseRedisUrl('rediss://h?ssl_cert_reqs=none&ssl_ca_certs=/ca.pem').tls).toEqual({
      caFile: '/ca.pem',
      certFile: null,
      keyFile: null,
      serverName: null,
      verify: false,
    });
  });

  test.each([
    ['redis+socket:///run/redis.sock?db=2', '/run/redis.sock', 2],
    ['unix:///run/redis.sock', '/run/redis.sock', 0],
  ])('name a unix socket: %s', (url, path, database) => {
    expect(parseRedisUrl(url)).toMatchObject({ topology: { kind: 'socket', path }, database });
  });

  test('name sentinels, master and database', () => {
    expect(parseRedisUrl('redis+sentinel://:pw@s1,s2:26380/main/1?sentinel_password=x')).toMatchObject({
      topology: {
        kind: 'sentinel',
        sentinels: [
          { host: 's1', port: 26379 },
          { host: 's2', port: 26380 },
        ],
        master: 'main',
        sentinelPassword: 'x',
      },
      password: 'pw',
      database: 1,
    });
  });

  test('name the nodes of a cluster', () => {
    expect(parseRedisUrl('rediss+cluster://a,b:7001')).toMatchObject({
      topology: {
        kind: 'cluster',
        nodes: [
          { host: 'a', port: 6379 },
          { host: 'b', port: 7001 },
        ],
      },
      tls: { verify: true },
    });
  });

  test.each([
    ['http://:secret@host', 'one of the schemes'],
    ['redis://:secret@host:notaport', 'host or host:port'],
    ['redis://:secret@host/seven', 'a database number'],
    ['redis://:secret@host/1/2', 'nothing after the database number'],
    ['redis://:secret@a,b', 'one host'],
    ['redis+sentinel://:secret@a', "the master's name"],
    ['redis+cluster://:secret@a/4', 'database 0'],
    ['redis+socket://:secret@host/x', 'three slashes'],
    ['redis://:secret@host?colour=secret2', 'no query but'],
    ['redis://:%zzsecret@host', '%25'],
    ['secret', 'a URL such as'],
  ])('say what was expected of %s, and never the password', (url, expected) => {
    const parse = (): unknown => parseRedisUrl(url);

    expect(parse).toThrow(expected);
    expect(parse).not.toThrow(/secret(?!2)/);
  });

  test.each([
    ['redis://ann:secret@host:1/2?password=secret', 'redis://host:1/2'],
    ['redis://:sec@ret@host', 'redis://host'],
    ['rediss+sentinel://:s@a,b/m', 'rediss+sentinel://a,b/m'],
    ['secret', '(not a URL)'],
  ])('are shown without credentials: %s', (url, shown) => {
    expect(redactUrl(url)).toBe(shown);
  });
});
