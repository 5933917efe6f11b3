import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { AgentConnection } from './agent-connection.js';
import type { AgentOptions, AgentSettings } from './agent-options.js';
import { agentSettings } from './agent-options.js';
import type { AgentSummary } from './agent-summary.js';
import { summarise } from './agent-summary.js';
import { abortSignal } from './cancellation.js';
import { ControlListener } from './control-listener.js';
import type { ReportWithoutTotals } from './fact-writer.js';
import { FactWriter } from './fact-writer.js';
import type { Instrumentable, Target } from './instrumentable.js';
import { instrumentable } from './instrumentable.js';
import type { Instrumented } from './instrumented.js';
import type { MetricsServer } from './metrics-server.js';
import { serveMetrics } from './metrics-server.js';
import { Outbox } from './outbox.js';
import type { ControlAnswer, ControlRequest, TotalsRow } from './protocol.js';
import { PROTOCOL_VERSION } from './protocol.js';
import type { RedisSource } from './redis-location.js';
import { locationOf } from './redis-location.js';
import { ResourceMeter } from './resource-meter.js';

/** What the last report may take on the way out. */
const GOODBYE_MS = 2_000;

interface Links {
  readonly commands: AgentConnection;
  readonly writer: FactWriter;
  readonly control: ControlListener;
  readonly subscriber: AgentConnection;
  readonly timers: readonly NodeJS.Timeout[];
}

/**
 * Reports one worker process to Taskscope: one agent for all its Bull queues and BullMQ workers in one Redis.
 *
 * It works beside the worker, never in its way: it listens to events that the library emits anyhow, writes on connections of its own, and drops
 * what it cannot deliver. It says goodbye by itself once all that it instruments is closed.
 */
export class Agent {
  readonly id = randomUUID();
  readonly #settings: AgentSettings;
  readonly #outbox = new Outbox();
  readonly #meter = new ResourceMeter();
  readonly #queues = new Map<Target, Instrumented>();
  readonly #closed = new Set<Target>();
  readonly #startedAt = Date.now();
  readonly #software = new Set<string>();
  #links: Links | null = null;
  #location: string | null = null;
  #metrics: Promise<MetricsServer | null> | null = null;
  #closing: Promise<void> | null = null;
  #lastProblem: string | null = null;

  constructor(options: AgentOptions) {
    this.#settings = agentSettings(options);
  }

  get worker(): string {
    return this.#settings.worker;
  }

  get processType(): string {
    return this.#settings.processType;
  }

  get closed(): boolean {
    return this.#closing !== null;
  }

  /**
   * Begins to report a Bull queue, before or after `queue.process(…)`, or a BullMQ worker, best as soon as it is made. At no cost if done
   * already.
   */
  instrument(target: Target): this {
    const subject = instrumentable(target);
    if (this.closed) throw new Error('this agent is closed');
    if (this.#queues.has(target)) return this;
    const source = this.#sourceFor(subject);
    const links = this.#links ?? this.#connect(source);
    this.#links = links;
    this.#software.add(subject.software);
    const outbox = this.#outbox;
    this.#queues.set(
      target,
      subject.instrument(outbox, () => links.writer.wake()),
    );
    subject.onClosed(() => this.#targetClosed(target));
    return this;
  }

  /** The signal that is aborted when this job is revoked or runs out of time. */
  signal(job: object): AbortSignal {
    return abortSignal(job);
  }

  /** Queues, workers and tasks as Redis has them now: a few cheap commands. Without Redis, what is not known is null. */
  async summary(): Promise<AgentSummary> {
    return summarise(this.#links?.commands ?? null, this.#settings, [...this.#queues.values()], this.#outbox.totals);
  }

  /** This worker's own state, without asking anybody. */
  get state(): {
    readonly concurrency: number;
    readonly busy: number;
    readonly resources: ResourceMeter['last'];
    readonly totals: readonly TotalsRow[];
  } {
    const working = [...this.#queues.values()].filter((queue) => queue.worksOn);
    return {
      concurrency: working.reduce((sum, queue) => sum + queue.report.concurrency, 0),
      busy: working.reduce((sum, queue) => sum + queue.busy, 0),
      resources: this.#meter.last,
      totals: this.#outbox.totals.rows(),
    };
  }

  /** Where the metrics are served; null where they are not. */
  async metricsAddress(): Promise<string | null> {
    return (await this.#metrics)?.address ?? null;
  }

  /** Sends what is left, says goodbye and lets go of the queues. Close the queues first: what ends later is not told. Takes 2 s at most. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const links = this.#links;
    if (links !== null) {
      for (const timer of links.timers) clearInterval(timer);
      // Not unref'd, unlike all else here: the process stays until the goodbye is out.
      let deadline: NodeJS.Timeout | undefined;
      const expired = new Promise<void>((resolve) => {
        deadline = setTimeout(resolve, GOODBYE_MS);
      });
      await Promise.race([links.commands.whenUp().then(() => links.writer.flush()), expired]);
      clearTimeout(deadline);
      links.writer.stop();
      this.#links = null;
      links.commands.close();
      links.subscriber.close();
    }
    for (const queue of this.#queues.values()) queue.release();
    await (await this.#metrics)?.close();
  }

  #connect(source: RedisSource): Links {
    const { heartbeatMs, resourcesIntervalMs, log, metrics } = this.#settings;
    const commands: AgentConnection = new AgentConnection(source, 'facts', log, () => writer.resume());
    const subscriber: AgentConnection = new AgentConnection(source, 'control', log, () => control.listen());
    const onProblem = (problem: Error): void => this.#problem(problem, commands);
    const writer = new FactWriter(commands, this.#outbox, this.id, () => this.#describe(), onProblem);
    const control = new ControlListener(
      subscriber,
      commands,
      (request, signal) => this.#cancel(request, signal),
      onProblem,
    );
    const beat = setInterval(() => {
      writer.report();
      control.probe();
    }, heartbeatMs).unref();
    // The first figures come with the first heartbeats, then at their own interval.
    void this.#meter.measure();
    const early = setTimeout(() => void this.#meter.measure(), Math.min(heartbeatMs, resourcesIntervalMs)).unref();
    const meter = setInterval(() => void this.#meter.measure(), resourcesIntervalMs).unref();
    if (metrics !== undefined) this.#metrics = this.#serveMetrics(metrics);
    commands.open();
    subscriber.open();
    return { commands, subscriber, writer, control, timers: [beat, early, meter] };
  }

  /** A port that is taken must not cost the worker its life. */
  async #serveMetrics(options: NonNullable<AgentOptions['metrics']>): Promise<MetricsServer | null> {
    try {
      return await serveMetrics(this, options);
    } catch (problem) {
      this.#settings.log(`metrics are not served: ${problem instanceof Error ? problem.message : String(problem)}`);
      return null;
    }
  }

  /** null while no queue has a processor: a process that only adds jobs is no worker. */
  #describe(): ReportWithoutTotals | null {
    const queues = [...this.#queues.values()].filter((queue) => queue.worksOn);
    if (queues.length === 0) return null;
    return {
      version: PROTOCOL_VERSION,
      id: this.id,
      worker: this.worker,
      host: hostname(),
      pid: process.pid,
      software: [...this.#software].join(', '),
      processType: this.processType,
      startedAt: this.#startedAt,
      at: Date.now(),
      heartbeatMs: this.#settings.heartbeatMs,
      queues: queues.map((queue) => queue.report),
      resources: this.#meter.last,
      closing: this.closed,
    };
  }

  async #cancel(request: ControlRequest, signal: NodeJS.Signals): Promise<ControlAnswer | null> {
    for (const queue of this.#queues.values()) {
      const meant = queue.engine === request.engine && queue.prefix === request.prefix && queue.queue === request.queue;
      const answer = meant ? await queue.cancel(request, signal) : null;
      if (answer !== null) return { agent: this.id, worker: this.worker, ...answer };
    }
    return null;
  }

  /** Where to report to: as the settings say, or the Redis of the target, which is then the same for all. */
  #sourceFor({ name, connection }: Instrumentable): RedisSource {
    const { redis } = this.#settings;
    if (redis !== undefined) return redis;
    if (connection === null)
      throw new Error(
        `queue ${name} is not reached by ioredis, so the agent does not know its Redis: set the option redis`,
      );
    const location = locationOf(connection);
    this.#location ??= location;
    if (location !== this.#location)
      throw new Error(`queue ${name} lives in ${location}, this agent reports to ${this.#location}: use another agent`);
    return { like: connection };
  }

  #targetClosed(target: Target): void {
    this.#closed.add(target);
    if (this.#closed.size === this.#queues.size) void this.close();
  }

  /** A lost connection is told by the connection itself, and what hanging up cuts off is no news; the rest once, until something else goes wrong. */
  #problem(problem: Error, commands: AgentConnection): void {
    if (this.#links === null || !commands.up || problem.message === this.#lastProblem) return;
    this.#lastProblem = problem.message;
    this.#settings.log(`Redis refused a report: ${problem.message}`);
  }
}
