import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import type { FlowJob, Job, JobsOptions, Queue, QueueOptions, Worker, WorkerOptions } from 'bullmq6';
import { eventually } from './eventually.js';

export const BULLMQ_MAJORS = [4, 5, 6] as const;
export type BullmqMajor = (typeof BULLMQ_MAJORS)[number];

/** What a task's data may ask the worker for. */
export interface TaskData {
  readonly result?: unknown;
  /** Fails with a TypeError of this message; so many times, if `failures` says so, else always. */
  readonly fail?: string;
  readonly failures?: number;
  /** Failures so far, kept by the worker. */
  readonly failed?: number;
  /** Runs until released by the test. */
  readonly hold?: boolean;
  /** Runs until the AbortSignal it is given is aborted. */
  readonly untilAborted?: boolean;
  /** Asks once to be put back, without that being a failure. */
  readonly putBack?: 'postponed' | 'rate-limited';
  readonly progress?: unknown;
  readonly log?: string;
  readonly [other: string]: unknown;
}

type Library = Pick<typeof import('bullmq6'), 'Queue' | 'Worker' | 'FlowProducer' | 'DelayedError'>;

const load = (major: BullmqMajor): Library => createRequire(import.meta.url)(`bullmq${major}`);

/** The version that is really loaded, by the package itself. */
export function loadedVersion(major: BullmqMajor): string {
  const manifest: unknown = createRequire(import.meta.url)(`bullmq${major}/package.json`);
  const version: unknown = typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, 'version') : null;
  return String(version);
}

/** An ordinary application with BullMQ queues: it knows nothing of Taskscope. */
export class BullmqApp {
  readonly #port: number;
  readonly #library: Library;
  readonly #queues = new Map<string, Queue<TaskData>>();
  readonly #workers: Worker<TaskData>[] = [];
  readonly #closing: { close(): Promise<unknown> }[] = [];
  readonly #held = new Map<string, (result: unknown) => void>();

  constructor(port: number, major: BullmqMajor = 6) {
    this.#port = port;
    this.#library = load(major);
  }

  queue(name: string, options: Partial<QueueOptions> = {}): Queue<TaskData> {
    const key = `${options.prefix ?? ''} ${name}`;
    const known = this.#queues.get(key);
    if (known) return known;
    const made = new this.#library.Queue<TaskData>(name, { ...options, connection: this.#connection() });
    made.on('error', () => undefined); // tests take Redis away
    this.#queues.set(key, made);
    return made;
  }

  async add(queue: string, data: TaskData = {}, options: JobsOptions = {}, jobName = 'job'): Promise<string> {
    const job = await this.queue(queue).add(jobName, data, options);
    return String(job.id);
  }

  async flow(flow: FlowJob): Promise<string> {
    const producer = new this.#library.FlowProducer({ connection: this.#connection() });
    producer.on('error', () => undefined);
    this.#closing.push(producer);
    const { job } = await producer.add(flow);
    return String(job.id);
  }

  /** A worker of its own connections for every job name. */
  async work(name: string, options: Partial<WorkerOptions> = {}): Promise<Worker<TaskData>> {
    const worker: Worker<TaskData> = new this.#library.Worker<TaskData>(
      name,
      async (job, token, signal) => {
        if (job.data.untilAborted) return setTimeout(30_000, undefined, signal === undefined ? {} : { signal });
        if (job.data.putBack !== undefined) await this.#putBack(worker, job, token);
        return this.#run(name, job);
      },
      // Version 4 sleeps that long over a lost connection even when it is closed; 15 s by default.
      { runRetryDelay: 200, ...options, connection: this.#connection() },
    );
    worker.on('error', () => undefined);
    this.#workers.push(worker);
    await worker.waitUntilReady();
    return worker;
  }

  /** Lets a held task end. */
  async release(name: string, jobId: string, result: unknown = null): Promise<void> {
    const release = await eventually(() => {
      const found = this.#held.get(`${name}:${jobId}`);
      if (!found) throw new Error(`task ${name}:${jobId} is not running`);
      return found;
    });
    release(result);
  }

  async close(): Promise<void> {
    for (const release of this.#held.values()) release(null);
    await Promise.all(this.#workers.splice(0).map((worker) => worker.close(true).catch(() => undefined)));
    const rest = [...this.#closing.splice(0), ...this.#queues.values()];
    this.#queues.clear();
    await Promise.all(rest.map((its) => its.close().catch(() => undefined))); // its Redis may be gone
  }

  #connection(): QueueOptions['connection'] {
    return { host: '127.0.0.1', port: this.#port, maxRetriesPerRequest: null };
  }

  async #putBack(worker: Worker<TaskData>, job: Job<TaskData>, token: string | undefined): Promise<never> {
    const { putBack, ...rest } = job.data;
    await job.updateData(rest);
    if (putBack === 'postponed') {
      await job.moveToDelayed(Date.now() + 50, token);
      throw new this.#library.DelayedError();
    }
    await worker.rateLimit(50);
    throw this.#library.Worker.RateLimitError();
  }

  async #run(name: string, job: Job<TaskData>): Promise<unknown> {
    const { fail, failures, hold, progress, log, result } = job.data;
    if (log !== undefined) await job.log(log);
    if (typeof progress === 'number' || (typeof progress === 'object' && progress !== null)) {
      await job.updateProgress(progress);
    }
    if (hold) {
      const key = `${name}:${job.id}`;
      const released = await new Promise((resolve) => this.#held.set(key, resolve));
      this.#held.delete(key);
      return released;
    }
    if (fail !== undefined) {
      const failed = job.data.failed ?? 0;
      if (failed < (failures ?? Number.POSITIVE_INFINITY)) {
        await job.updateData({ ...job.data, failed: failed + 1 });
        throw new TypeError(fail);
      }
    }
    return result;
  }
}
