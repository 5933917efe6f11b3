import { createRequire } from 'node:module';
import Bull, { type Job, type JobOptions, type Queue, type QueueOptions } from 'bull';
import { eventually } from '../support/eventually.js';

export type BullMajor = 3 | 4;

/** What a task's data may ask the worker for. */
export interface TaskData {
  readonly result?: unknown;
  /** Fails with a TypeError of this message; so many times, if `failures` says so, else always. */
  readonly fail?: string;
  readonly failures?: number;
  /** Runs until released by the test. */
  readonly hold?: boolean;
  readonly progress?: unknown;
  readonly log?: string;
  readonly [other: string]: unknown;
}

const loadBull3 = (): typeof Bull => createRequire(import.meta.url)('bull3');

/** An ordinary application with Bull queues: it knows nothing of Taskscope. */
export class BullApp {
  readonly #url: string;
  readonly #make: typeof Bull;
  readonly #queues = new Map<string, Queue<TaskData>>();
  readonly #workers: Queue<TaskData>[] = [];
  readonly #held = new Map<string, (result: unknown) => void>();

  constructor(url: string, major: BullMajor = 4) {
    this.#url = url;
    this.#make = major === 3 ? loadBull3() : Bull;
  }

  queue(name: string, options: QueueOptions = {}): Queue<TaskData> {
    const key = `${options.prefix ?? ''} ${name}`;
    const known = this.#queues.get(key);
    if (known) return known;
    const made = this.#open(name, options);
    this.#queues.set(key, made);
    return made;
  }

  async add(name: string, data: TaskData = {}, options: JobOptions = {}, jobName?: string): Promise<string> {
    const queue = this.queue(name);
    const job = jobName === undefined ? await queue.add(data, options) : await queue.add(jobName, data, options);
    return String(job.id);
  }

  /** A worker of its own connection for every job name. */
  async work(name: string, options: QueueOptions & { readonly concurrency?: number } = {}): Promise<Queue<TaskData>> {
    const worker = this.#open(name, options);
    this.#workers.push(worker);
    // The promise of process() ends only when the queue is closed.
    void worker.process('*', options.concurrency ?? 1, (job) => this.#run(name, job));
    await worker.isReady();
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
    const all = [...this.#workers.splice(0), ...this.#queues.values()];
    this.#queues.clear();
    await Promise.all(all.map((queue) => queue.close(true).catch(() => undefined))); // its Redis may be gone
  }

  #open(name: string, options: QueueOptions): Queue<TaskData> {
    const queue = new this.#make<TaskData>(name, this.#url, options);
    queue.on('error', () => undefined); // tests take Redis away
    return queue;
  }

  async #run(name: string, job: Job<TaskData>): Promise<unknown> {
    const { fail, failures, hold, progress, log, result } = job.data;
    if (log !== undefined) await job.log(log);
    if (progress !== undefined) await job.progress(progress);
    if (hold) {
      const key = `${name}:${job.id}`;
      const released = await new Promise((resolve) => this.#held.set(key, resolve));
      this.#held.delete(key);
      return released;
    }
    if (fail !== undefined && job.attemptsMade < (failures ?? Number.POSITIVE_INFINITY)) throw new TypeError(fail);
    return result;
  }
}
