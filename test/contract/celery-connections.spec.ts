import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startCeleryWatch } from '../support/celery-watch.js';
import { eventually } from '../support/eventually.js';
import { freePort, type RedisServer, startRedisServer } from '../support/redis-server.js';

/** Connected over this URL, and told what is asked. */
async function connects(broker: string): Promise<void> {
  const watch = startCeleryWatch({ broker });
  try {
    await eventually(() => expect(watch.engine.status()).toMatchObject({ connection: 'connected', problem: null }), {
      within: 20_000,
    });
    expect((await watch.inspect()).queues).toBeDefined();
  } finally {
    await watch.stop();
  }
}

async function problemOf(broker: string): Promise<string | null> {
  const watch = startCeleryWatch({ broker });
  try {
    return await eventually(
      () => {
        const { connection, problem } = watch.engine.status();
        expect(connection).toBe('disconnected');
        return problem;
      },
      { within: 20_000 },
    );
  } finally {
    await watch.stop();
  }
}

describe('A Redis broker as Celery writes it', () => {
  let dir: string;
  let redis: RedisServer;
  let tlsPort: number;
  let sentinelPort: number;
  const endings: (() => unknown)[] = [];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'taskscope-tls-'));
    const openssl = (...words: readonly string[]): unknown =>
      execFileSync('openssl', words, { cwd: dir, stdio: 'ignore' });
    const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'key.pem',
      '-out',
      'ca.pem',
      '-days',
      '2',
      ...name,
    );
    [tlsPort, sentinelPort] = [await freePort(), await freePort()];
    redis = await startRedisServer({
      args: [
        ...[
          '--tls-port',
          String(tlsPort),
          '--tls-cert-file',
          join(dir, 'ca.pem'),
          '--tls-key-file',
          join(dir, 'key.pem'),
        ],
        ...['--tls-ca-cert-file', join(dir, 'ca.pem'), '--tls-auth-clients', 'no'],
        ...['--unixsocket', join(dir, 'redis.sock'), '--user', 'watcher', 'on', '>hush', '~*', '&*', '+@all'],
      ],
    });
    const settings = [`port ${sentinelPort}`, `dir ${dir}`, `sentinel monitor mymaster 127.0.0.1 ${redis.port} 1`];
    await writeFile(join(dir, 'sentinel.conf'), `${settings.join('\n')}\n`);
    const sentinel = spawn('redis-server', [join(dir, 'sentinel.conf'), '--sentinel'], { stdio: 'ignore' });
    endings.push(() => sentinel.kill('SIGKILL'));
  }, 60_000);

  afterAll(async () => {
    for (const end of endings) end();
    await redis?.stop();
    await rm(dir, { recursive: true, force: true });
  }, 30_000);

  test('is reached over TLS by its CA, with a user name', async () => {
    const ca = encodeURIComponent(join(dir, 'ca.pem'));
    await connects(`rediss://watcher:hush@localhost:${tlsPort}/0?ssl_cert_reqs=required&ssl_ca_certs=${ca}`);
  }, 60_000);

  test('is refused with a wrong password over TLS, and why is said', async () => {
    const ca = encodeURIComponent(join(dir, 'ca.pem'));
    const url = `rediss://watcher:wrong@localhost:${tlsPort}/0?ssl_ca_certs=${ca}`;
    expect(await problemOf(url)).toMatch(/user name or password/);
  }, 60_000);

  test('is reached by its socket, and by a Sentinel', async () => {
    await connects(`redis+socket://${join(dir, 'redis.sock')}?virtual_host=2`);
    await connects(`sentinel://127.0.0.1:${sentinelPort}/0?master_name=mymaster`);
  }, 60_000);
});
