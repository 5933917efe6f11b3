import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { eventually } from './eventually.js';

export interface RedisServer {
  /** With the password, where one was asked for. */
  readonly url: string;
  readonly port: number;
  readonly password: string | null;
  /** The server's own folder: its unix socket, where asked for, is `redis.sock` in it. */
  readonly dir: string;
  /** Ends the server and removes its data. Idempotent. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash would; the data stays. */
  kill(): Promise<void>;
  /** Starts it again on the same port with the same data, after `kill` or by killing it. Resolves when it answers. */
  restart(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A real redis-server of its own on a free port, whose data survives `restart`. */
export async function startRedisServer(
  options: { readonly args?: readonly string[]; readonly password?: string } = {},
): Promise<RedisServer> {
  const dir = await mkdtemp(join(tmpdir(), 'taskscope-redis-'));
  const port = await freePort();
  const password = options.password ?? null;
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', ''];
  args.push('--appendonly', 'yes', '--appendfsync', 'always', '--loglevel', 'warning');
  if (password !== null) args.push('--requirepass', password);
  args.push(...(options.args ?? []));
  let child: ChildProcess | null = null;

  const start = async (): Promise<void> => {
    const started = spawn('redis-server', args, { stdio: 'ignore' });
    child = started;
    running.add(started);
    started.once('exit', () => running.delete(started));
    await eventually(() => ping(port, password), { within: 10_000, every: 25 });
  };
  const kill = async (): Promise<void> => {
    const dying = child;
    child = null;
    if (!dying || dying.exitCode !== null || dying.signalCode !== null) return;
    const gone = new Promise((resolve) => dying.once('exit', resolve));
    dying.kill('SIGKILL');
    await gone;
  };

  await start();
  return {
    url: `redis://${password === null ? '' : `:${encodeURIComponent(password)}@`}127.0.0.1:${port}`,
    port,
    password,
    dir,
    kill,
    restart: async () => {
      await kill();
      await start();
    },
    stop: async () => {
      await kill();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

async function ping(port: number, password: string | null): Promise<void> {
  const redis = new Redis({
    port,
    host: '127.0.0.1',
    lazyConnect: true,
    retryStrategy: null,
    ...(password === null ? {} : { password }),
  });
  redis.on('error', () => undefined); // told by the rejection of connect() or ping()
  try {
    await redis.connect();
    await redis.ping();
  } finally {
    redis.disconnect();
  }
}
