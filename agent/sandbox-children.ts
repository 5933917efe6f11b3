import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** Bull's pool holds the processes themselves, BullMQ's an object around each process or thread, whose `kill` promises its end. */
export type SandboxChild = Pick<ChildProcess, 'pid' | 'exitCode' | 'signalCode'> & {
  kill(signal: NodeJS.Signals): boolean | Promise<unknown>;
};

interface ChildPool {
  retain(processFile: string): Promise<unknown>;
  release(child: unknown): unknown;
  remove(child: unknown): unknown;
}

/**
 * The library hands the job to a child that is ready, and only then listens for the child's end: one that ended in between would be waited for
 * for ever. So a child counts as the job's own a little later.
 */
const SETTLE_MS = 50;

/**
 * Which child process runs which job of a sandboxed processor. Neither Bull nor BullMQ keeps that: but a processor asks its pool for a child before
 * it first gives up control, so the job being started is the one that the next call to `retain` is for.
 */
export class SandboxChildren {
  /** Pools may be shared between queues (Bull's `isSharedChildPool`), and between agents. */
  static readonly #byPool = new WeakMap<object, SandboxChildren>();

  readonly #children = new WeakMap<object, Promise<SandboxChild | null>>();
  readonly #doomed = new WeakSet<object>();
  #starting: object | null = null;

  static of(pool: unknown): SandboxChildren | null {
    if (!isChildPool(pool)) return null;
    let children = SandboxChildren.#byPool.get(pool);
    if (children === undefined) {
      children = new SandboxChildren(pool);
      SandboxChildren.#byPool.set(pool, children);
    }
    return children;
  }

  private constructor(pool: ChildPool) {
    const retain = pool.retain.bind(pool);
    const release = pool.release.bind(pool);
    pool.retain = (processFile) => {
      const job = this.#starting;
      const child = retain(processFile);
      if (job !== null) this.#children.set(job, settled(child));
      return child;
    };
    // A child that was told to end must not get another job while it does: Bull would wait for that job's answer for ever.
    pool.release = (child) =>
      typeof child === 'object' && child !== null && this.#doomed.has(child) ? pool.remove(child) : release(child);
  }

  /** Runs `start`, which starts this job's processor, and notes the child it takes. */
  watch<T>(job: object, start: () => T): T {
    this.#starting = job;
    try {
      return start();
    } finally {
      this.#starting = null;
    }
  }

  /** null where the job's processor is not sandboxed; the child may still be starting, or fail to (null). */
  childOf(job: object): Promise<SandboxChild | null> | null {
    return this.#children.get(job) ?? null;
  }

  /** False where the child is gone already. A library's child answers SIGTERM and SIGINT by finishing its job first: see `killAfter`. */
  kill(child: SandboxChild, signal: NodeJS.Signals): boolean {
    this.#doomed.add(child);
    return send(child, signal);
  }

  /** Sends SIGKILL when the child still lives after `graceMs`. */
  killAfter(child: SandboxChild, graceMs: number): void {
    setTimeout(() => {
      if (child.exitCode === null && child.signalCode === null) send(child, 'SIGKILL');
    }, graceMs).unref();
  }
}

/** False where there is nobody to send it to. */
function send(child: SandboxChild, signal: NodeJS.Signals): boolean {
  const sent = child.kill(signal);
  if (typeof sent === 'boolean') return sent;
  // BullMQ waits for the child's end, which is told by the job.
  sent.catch(() => undefined);
  return child.exitCode === null && child.signalCode === null;
}

async function settled(starting: Promise<unknown>): Promise<SandboxChild | null> {
  // What goes wrong here Bull tells the job.
  const child = await starting.catch(() => null);
  await sleep(SETTLE_MS, undefined, { ref: false });
  return isChild(child) ? child : null;
}

function isChildPool(value: unknown): value is ChildPool {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['retain', 'release', 'remove'].every((method) => typeof Reflect.get(value, method) === 'function')
  );
}

function isChild(value: unknown): value is SandboxChild {
  return (
    typeof value === 'object' && value !== null && 'kill' in value && typeof value.kill === 'function' && 'pid' in value
  );
}
