import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect as dial } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from 'amqplib';
import type { Certificate } from './certificates.js';
import { eventually } from './eventually.js';
import { freePort } from './redis-server.js';

export interface RabbitServer {
  readonly url: string;
  readonly port: number;
  /** Of the listener with TLS, where a certificate was given. */
  readonly tlsPort: number;
  /** Runs rabbitmqctl against it. */
  control(...words: readonly string[]): Promise<void>;
  /** Ends the server and removes its data. Idempotent. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash would; durable data stays. */
  kill(): Promise<void>;
  /** Starts it again on the same port with the same data. Resolves when it answers. */
  restart(): Promise<void>;
}

const PACKAGES = '/usr/lib/rabbitmq/lib';
/** An Erlang node takes its time on a busy machine. */
const START_MS = 110_000;

/**
 * Runs the server until our end of its standard input closes, which it does however we die; then ends the whole group, the port mapper,
 * which has left the group, and the data.
 */
const GUARD = [
  '"$0" </dev/null &',
  'cat >/dev/null',
  'export GROUP=$$',
  'exec setsid sh -c \'kill -9 -$GROUP; for n in 1 2 3 4 5; do sleep 1; epmd -kill && break; done; rm -rf "$HOME"\'',
].join('\n');

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) killGroup(child);
});

/** A real RabbitMQ node of its own: its ports, its data and its port mapper are nobody else's. */
export async function startRabbitServer(certificate: Certificate | null = null): Promise<RabbitServer> {
  const dir = await mkdtemp(join(tmpdir(), 'taskscope-rabbit-'));
  const [port, tlsPort, distPort, mapperPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const [version] = (await readdir(PACKAGES)).filter((name) => name.startsWith('rabbitmq_server-'));
  if (version === undefined) throw new Error(`expected a RabbitMQ below ${PACKAGES}`);
  await writeFile(join(dir, 'plugins'), '[].\n');
  const listeners = [`listeners.tcp.default = 127.0.0.1:${port}`];
  if (certificate !== null)
    listeners.push(
      `listeners.ssl.default = 127.0.0.1:${tlsPort}`,
      `ssl_options.certfile = ${certificate.certFile}`,
      `ssl_options.keyfile = ${certificate.keyFile}`,
    );
  await writeFile(join(dir, 'rabbitmq.conf'), `${listeners.join('\n')}\n`);
  const env = {
    PATH: process.env.PATH,
    HOME: dir,
    LANG: 'C.UTF-8',
    ERL_EPMD_PORT: String(mapperPort),
    RABBITMQ_NODENAME: `taskscope${port}@localhost`,
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distPort),
    RABBITMQ_MNESIA_BASE: join(dir, 'data'),
    RABBITMQ_LOG_BASE: join(dir, 'log'),
    RABBITMQ_PID_FILE: join(dir, 'pid'),
    RABBITMQ_CONFIG_FILE: join(dir, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(dir, 'plugins'),
    // Two schedulers that do not spin: the node shares its machine with the tests.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none',
  };
  let child: ChildProcess | null = null;

  const start = async (): Promise<void> => {
    const server = join(PACKAGES, version, 'sbin', 'rabbitmq-server');
    const started = spawn('/bin/sh', ['-c', GUARD, server], {
      env,
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    child = started;
    running.add(started);
    started.once('exit', () => running.delete(started));
    await eventually(() => answers(port), { within: START_MS, every: 200 });
  };
  const kill = async (): Promise<void> => {
    const dying = child;
    child = null;
    if (dying === null || dying.exitCode !== null || dying.signalCode !== null) return;
    const gone = new Promise((resolve) => dying.once('exit', resolve));
    killGroup(dying);
    await gone;
    await eventually(() => silent(port), { within: 5_000 });
  };
  const stopMapper = async (): Promise<void> => {
    // It outlives its nodes by design, and refuses to go while it believes one to be alive.
    const ask = promisify(execFile);
    await eventually(() => ask('epmd', ['-kill'], { env }), { within: 5_000, every: 100 }).catch(() => undefined);
  };

  await start();
  return {
    url: `amqp://guest:guest@127.0.0.1:${port}//`,
    port,
    tlsPort,
    control: async (...words) => {
      await promisify(execFile)(join(PACKAGES, version, 'sbin', 'rabbitmqctl'), [...words], { env, timeout: START_MS });
    },
    kill,
    restart: async () => {
      await kill();
      await start();
    },
    stop: async () => {
      await kill();
      await stopMapper();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function answers(port: number): Promise<void> {
  const connection = await connect(`amqp://guest:guest@127.0.0.1:${port}`, { timeout: 2_000 });
  await connection.close();
}

function silent(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = dial(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      reject(new Error(`expected nobody on port ${port}`));
    });
    socket.once('error', () => resolve());
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The whole group has gone already.
  }
}
