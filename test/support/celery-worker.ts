import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Debian's own Python: Celery comes from its packages. */
const PYTHON = '/usr/bin/python3';
const APPLICATION = fileURLToPath(new URL('../fixtures/celery/', import.meta.url));
const STOP_MS = 5_000;
/** Enough to tell why a worker did not do what a test expected. */
const KEPT_OUTPUT = 20_000;

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) killGroup(child);
});

export interface CeleryApplication {
  readonly broker: string;
  readonly results?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface CeleryWorkerOptions extends CeleryApplication {
  readonly name: string;
  readonly pool?: 'prefork' | 'threads' | 'solo';
  readonly concurrency?: number;
  readonly queues?: readonly string[];
  /** `-E`; true where it is missing. */
  readonly events?: boolean;
  /** Asks its neighbours for revoked ids before it starts, which takes a second; Celery's default, not ours. */
  readonly mingle?: boolean;
  readonly args?: readonly string[];
}

export interface CeleryWorkerProcess {
  /** As it calls itself: `<name>@test`. */
  readonly name: string;
  readonly pid: number;
  output(): string;
  /** The processes of its pool stand still, for good, while it goes on itself; only with the pool prefork. */
  freezePool(): void;
  /** SIGTERM, then SIGKILL to all of it. Idempotent. */
  stop(): Promise<void>;
  /** SIGKILL to all of it, as the machine's failure would. */
  kill(): Promise<void>;
}

/** A real Celery worker. Returns when it has been spawned, not when it is ready: what watches it tells that. */
export function startCeleryWorker(options: CeleryWorkerOptions): CeleryWorkerProcess {
  const name = `${options.name}@test`;
  const args = ['-m', 'celery', '-A', 'tasks', 'worker', '-n', name, '--loglevel', 'WARNING'];
  args.push('--pool', options.pool ?? 'prefork', '--concurrency', String(options.concurrency ?? 2));
  if (options.mingle !== true) args.push('--without-mingle');
  if (options.events !== false) args.push('-E');
  if (options.queues !== undefined) args.push('-Q', options.queues.join(','));
  args.push(...(options.args ?? []));
  const child = run(args, { ...options, environment: { ...options.environment, DIE_WITH_PARENT: '1' } });
  let output = '';
  const keep = (data: Buffer): void => {
    output = (output + data.toString()).slice(-KEPT_OUTPUT);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return {
    name,
    pid: child.pid ?? 0,
    output: () => output,
    freezePool: () => {
      for (const pid of childrenOf(child.pid ?? 0)) process.kill(pid, 'SIGSTOP');
    },
    kill: () => end(child, 'SIGKILL'),
    stop: () => end(child, 'SIGTERM'),
  };
}

export interface CeleryOrder {
  readonly name: string;
  readonly args?: readonly unknown[];
  /** The same as Python writes it, for what JavaScript cannot: 1.0, and large numbers. */
  readonly literal?: string;
  readonly kwargs?: Readonly<Record<string, unknown>>;
  /** Of `send_task`: queue, countdown, expires, priority … */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly times?: number;
}

export interface CelerySender {
  /** Sends it as often as `times` says, and returns the ids. */
  sendMany(order: CeleryOrder): Promise<readonly string[]>;
  send(order: CeleryOrder): Promise<string>;
  stop(): Promise<void>;
}

/** A Python client that stays: starting Python for every task would take most of a test's time. */
export function startCelerySender(application: CeleryApplication): CelerySender {
  const child = run(['send.py'], application);
  let complaint = '';
  child.stderr?.on('data', (data: Buffer) => {
    complaint = (complaint + data.toString()).slice(-KEPT_OUTPUT);
  });
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('expected pipes to the sender');
  stdin.on('error', () => undefined); // its exit tells
  const lines: Interface = createInterface({ input: stdout });
  const answers = lines[Symbol.asyncIterator]();
  let turn: Promise<unknown> = Promise.resolve();

  const sendMany = (order: CeleryOrder): Promise<readonly string[]> => {
    const answer = turn.then(async () => {
      stdin.write(`${JSON.stringify(order)}\n`);
      const line = await answers.next();
      if (line.done === true) throw new Error(`the sender has ended: ${complaint}`);
      const ids: unknown = JSON.parse(line.value);
      return Array.isArray(ids) ? ids.map(String) : [];
    });
    turn = answer.catch(() => undefined);
    return answer;
  };
  return {
    sendMany,
    send: async (order) => {
      const [id] = await sendMany(order);
      if (id === undefined) throw new Error('expected an id');
      return id;
    },
    stop: () => end(child, 'SIGTERM'),
  };
}

function run(args: readonly string[], application: CeleryApplication): ChildProcess {
  const child = spawn(PYTHON, [...args], {
    cwd: APPLICATION,
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own: a worker's pool must go with it, however it goes.
    detached: true,
    env: {
      ...process.env,
      ...application.environment,
      BROKER: application.broker,
      RESULTS: application.results ?? '',
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONUNBUFFERED: '1',
      C_FORCE_ROOT: '1',
    },
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', () => running.delete(child));
  return child;
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  if (signal === 'SIGTERM') child.kill('SIGTERM');
  else killGroup(child);
  const timer = setTimeout(() => killGroup(child), STOP_MS);
  await gone;
  clearTimeout(timer);
  killGroup(child);
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .map(Number)
    .filter((child) => child > 0);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The whole group has gone already.
  }
}
