import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join, resolve } from 'node:path';
import { type ChildLog, SupervisedChild } from './child-process.js';
import { freePort } from './free-port.js';

const READY_WITHIN_MS = 10_000;
const LEFTOVER_WITHIN_MS = 5_000;

/**
 * A private redis-server for running with nothing configured: on loopback, with a folder of its own, on the port it had last time if that
 * is free, so that applications pointed at it find it again.
 */
export class EmbeddedRedis {
  readonly port: number;
  readonly #child: SupervisedChild;

  private constructor(port: number, child: SupervisedChild) {
    this.port = port;
    this.#child = child;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number | null {
    return this.#child.pid;
  }

  /** Resolves when it answers. Throws with its last words when it does not within ten seconds. */
  static async start(dataFolder: string, log: ChildLog): Promise<EmbeddedRedis> {
    if (spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status !== 0) {
      throw new Error(
        'no broker was named, and redis-server, to run one here, is not on PATH: install it, or give a URL such as redis://localhost:6379',
      );
    }
    const folder = resolve(dataFolder, 'redis');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    await stopLeftover(join(folder, 'redis.pid'));
    const port = await freePort(rememberedPort(join(folder, 'port')));
    writeFileSync(join(folder, 'port'), `${port}\n`);

    const redis = {
      name: 'embedded redis-server',
      command: 'redis-server',
      args: [
        ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--pidfile', join(folder, 'redis.pid')],
        ...[
          '--save',
          '60 1',
          '--appendonly',
          'yes',
          '--appendfsync',
          'everysec',
          '--logfile',
          join(folder, 'redis.log'),
        ],
        // A demonstration must not fill a disk or a laptop's memory.
        ...['--maxmemory', '256mb', '--maxmemory-policy', 'noeviction'],
      ],
    };
    const child = new SupervisedChild(redis, log);
    child.start();
    try {
      await answers(port);
    } catch (error) {
      await child.stop();
      throw error;
    }
    return new EmbeddedRedis(port, child);
  }

  async stop(): Promise<void> {
    await this.#child.stop();
  }
}

function rememberedPort(file: string): number | undefined {
  try {
    const port = Number(readFileSync(file, 'utf8').trim());
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
  } catch {
    // First start: there is nothing to remember.
    return undefined;
  }
}

/** Were we killed outright last time, our redis-server lives on: its own pid file names it, and /proc confirms that it is one. */
async function stopLeftover(pidFile: string): Promise<void> {
  const pid = leftover(pidFile);
  if (pid === null) return;
  process.kill(pid, 'SIGTERM');
  const deadline = performance.now() + LEFTOVER_WITHIN_MS;
  while (leftover(pidFile) === pid && performance.now() < deadline) await new Promise((wait) => setTimeout(wait, 50));
}

function leftover(pidFile: string): number | null {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8').trim());
    return Number.isInteger(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('redis-server') ? pid : null;
  } catch {
    // No pid file, or no such process: nothing was left behind.
    return null;
  }
}

async function answers(port: number): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!(await ping(port))) {
    if (performance.now() > deadline)
      throw new Error(`expected redis-server to answer on port ${port} within 10 s, found silence`);
    await new Promise((wait) => setTimeout(wait, 50));
  }
}

function ping(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = createConnection({ port, host: '127.0.0.1', timeout: 1000 });
    const finish = (answer: boolean): void => {
      socket.destroy();
      done(answer);
    };
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (data) => finish(data.toString().startsWith('+PONG')));
    socket.once('error', () => finish(false));
    socket.once('timeout', () => finish(false));
  });
}
