import { type AgentEngine, type AgentQueue, type AgentReport, agentKeys } from '../../../agent/protocol.js';
import type { Clock } from '../../core/clock.js';
import type { WorkerEvent } from '../../core/task-event.js';
import type { Worker, WorkerStatus } from '../../core/worker.js';
import type { RedisLink } from '../redis/redis-link.js';
import { scoredOf, textOf } from '../redis/redis-reply.js';
import { readReport } from './agent-messages.js';
import { AgentTokens } from './agent-tokens.js';
import { isGone, workerOfAgent } from './agent-worker.js';
import type { AgentExpected } from './outcome-delivery.js';

export interface RosterOptions {
  readonly source: string;
  /** Queues of another library are none of this source's, though the same agent may serve both. */
  readonly engine: AgentEngine;
  readonly clock: Clock;
  readonly link: RedisLink;
  /** How a queue of an agent is shown. */
  readonly labelOf: (prefix: string, queue: string) => string;
  readonly emit: (event: WorkerEvent) => void;
  /** This agent will tell no more. */
  readonly onGone: (agentId: string) => void;
}

interface KnownAgent {
  report: AgentReport;
  /** Score last seen: the report is read again only when it changes. */
  score: number;
  /** Monotonic time at which the score last changed; only our own clock tells liveness, theirs may be wrong. */
  changedAt: number;
  status: WorkerStatus;
  /** It has been told to be online: a worker of both libraries may begin with the other one. */
  told: boolean;
}

const POLL_MS = 1_000;
const MAX_AGENTS = 5_000;
/** A worker that is gone stays listed for so long. */
const KEEP_GONE_MS = 10 * 60 * 1000;
/** What polling and the network may add to a heartbeat. */
const SLACK_MS = 1_000;
/** Facts are told a tenth of a second after the event. */
const STRANGER_MS = 500;
export const STRANGER_AMONG_AGENTS_MS = 2_000;
/** Facts are a tenth of a second behind; their agent may be reconnecting, too. */
export const AGENT_PATIENCE_MS = 10_000;

/**
 * Workers that run an agent, by their reports: one command a second, and one per batch of heartbeats. suspect after one missed heartbeat,
 * lost after three, offline after a goodbye. While Redis is away nobody is judged.
 */
export class AgentRoster {
  readonly #o: RosterOptions;
  readonly #agents = new Map<string, KnownAgent>();
  readonly #tokens = new AgentTokens();
  #serving: ReadonlyMap<string, readonly AgentReport[]> | null = null;
  #polls = 0;
  #watching = false;
  #timer: NodeJS.Timeout | null = null;
  #polling: Promise<void> | null = null;

  constructor(options: RosterOptions) {
    this.#o = options;
  }

  /** To be called whenever the link is up. */
  async resume(): Promise<void> {
    this.stop();
    this.#watching = true;
    const now = this.#o.clock.monotonic();
    for (const agent of this.#agents.values()) agent.changedAt = now;
    await this.poll();
    this.#schedule();
  }

  stop(): void {
    this.#watching = false;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** The reports have been read at least once. */
  get known(): boolean {
    return this.#polls > 0;
  }

  /** The reports as they were read last. */
  reports(): readonly AgentReport[] {
    return [...this.#agents.values()].map((agent) => agent.report);
  }

  report(agentId: string): AgentReport | undefined {
    return this.#agents.get(agentId)?.report;
  }

  /** Lock token under which an agent runs the tasks of a queue. */
  tokenOf(agentId: string, prefix: string, queue: string): string | null {
    const queues = this.#agents.get(agentId)?.report.queues ?? [];
    return queues.find((its) => this.#is(its, prefix, queue))?.token ?? null;
  }

  workers(): readonly Worker[] {
    const byName = new Map<string, Worker>();
    for (const agent of this.#agents.values()) {
      if (!this.#isOurs(agent)) continue;
      const worker = this.#worker(agent);
      const same = byName.get(worker.name);
      // A worker started again under its old name: the newer one is the worker.
      if (!same || (same.startedAt ?? 0) < (worker.startedAt ?? 0)) byName.set(worker.name, worker);
    }
    return [...byName.values()];
  }

  /** Agents that serve a queue and are believed to live, once for each of its workers that they report. */
  serving(prefix: string, queue: string): readonly AgentReport[] {
    this.#serving ??= this.#index();
    return this.#serving.get(`${prefix}:${queue}`) ?? [];
  }

  /** Asked for with every event, so it is kept until the next poll. */
  #index(): ReadonlyMap<string, readonly AgentReport[]> {
    const serving = new Map<string, AgentReport[]>();
    for (const { status, report } of this.#agents.values()) {
      if (isGone(status)) continue;
      for (const { engine, prefix, queue } of report.queues) {
        if (engine !== this.#o.engine) continue;
        const same = serving.get(`${prefix}:${queue}`);
        if (same) same.push(report);
        else serving.set(`${prefix}:${queue}`, [report]);
      }
    }
    return serving;
  }

  /**
   * The living agent that holds a token; null where it is an ordinary worker's; undefined while it may still turn out to be a living agent's:
   * a new agent tells facts at once, but reports only with its next heartbeat.
   */
  agentOf(token: string): string | null | undefined {
    const agentId = this.#tokens.agentOf(token);
    if (agentId !== undefined) {
      const agent = this.#agents.get(agentId);
      // One that is gone, and yet runs tasks, is not gone; one without a report is about to send it.
      return agent && !isGone(agent.status) ? agentId : undefined;
    }
    return this.#tokens.strangerFor(token, this.#o.clock.monotonic()) > this.#patienceMs ? null : undefined;
  }

  /** Whether an agent will tell the end of a job that ran under this token, and how long to wait for it. */
  expected(token: string | null): AgentExpected | null {
    const agentId = token === null ? undefined : this.agentOf(token);
    if (agentId === null) return null;
    return agentId === undefined
      ? { agentId: null, patienceMs: this.#patienceMs }
      : { agentId, patienceMs: AGENT_PATIENCE_MS };
  }

  /** How long a worker may run tasks before it is taken for one without an agent; short where there are no agents at all. */
  get #patienceMs(): number {
    return this.#agents.size === 0 ? STRANGER_MS : STRANGER_AMONG_AGENTS_MS;
  }

  /** An agent has told of a task that runs under this token. */
  learn(token: string, agentId: string): void {
    this.#tokens.learn(token, agentId);
  }

  workerOf(token: string): string | null {
    const agentId = this.#tokens.agentOf(token);
    return agentId === undefined ? null : (this.#agents.get(agentId)?.report.worker ?? null);
  }

  poll(): Promise<void> {
    this.#polling ??= this.#poll().finally(() => {
      this.#polling = null;
    });
    return this.#polling;
  }

  #schedule(): void {
    if (!this.#watching) return;
    this.#timer = setTimeout(() => {
      if (!this.#o.link.up) return;
      this.poll().then(
        () => this.#schedule(),
        // The link tells why; polling goes on when it is up again, or still is.
        () => this.#schedule(),
      );
    }, POLL_MS);
  }

  async #poll(): Promise<void> {
    const { link, clock } = this.#o;
    const listed = scoredOf(
      await link.call(['ZREVRANGE', agentKeys.agents, '0', String(MAX_AGENTS - 1), 'WITHSCORES']),
    );
    const changed = listed.filter(({ member, score }) => this.#agents.get(member)?.score !== score);
    const replies = await link.batch(changed.map(({ member }) => ['GET', agentKeys.report(member)]));
    changed.forEach(({ score }, index) => {
      const report = readReport(textOf(replies[index]));
      if (report) this.#heard(report, score, clock.monotonic());
    });
    this.#polls += 1;
    this.#judge(clock.monotonic());
    this.#serving = null;
  }

  #heard(report: AgentReport, score: number, now: number): void {
    const known = this.#agents.get(report.id);
    for (const { token } of report.queues) this.#tokens.reported(token, report.id);
    if (!known) {
      // One that died while we were away is listed, but was never online for us.
      const silent = this.#o.clock.now() - report.at > KEEP_GONE_MS;
      const status: WorkerStatus = report.closing ? 'offline' : silent ? 'lost' : 'online';
      const agent: KnownAgent = { report, score, changedAt: now, status, told: false };
      this.#agents.set(report.id, agent);
      if (status === 'online') this.#tell('worker-online', agent);
      return;
    }
    const wasGone = isGone(known.status);
    known.report = report;
    known.score = score;
    known.changedAt = now;
    known.status = report.closing ? 'offline' : 'online';
    if (report.closing) {
      if (!wasGone) this.#gone(known);
    } else {
      this.#tell(wasGone || !known.told ? 'worker-online' : 'worker-heartbeat', known);
    }
  }

  #judge(now: number): void {
    for (const [id, agent] of this.#agents) {
      const silence = now - agent.changedAt;
      if (isGone(agent.status)) {
        if (silence > KEEP_GONE_MS) this.#forget(id, agent);
        continue;
      }
      const { heartbeatMs } = agent.report;
      if (silence > 3 * heartbeatMs + SLACK_MS) {
        agent.status = 'lost';
        this.#gone(agent);
      } else {
        agent.status = silence > heartbeatMs + SLACK_MS ? 'suspect' : 'online';
      }
    }
  }

  #gone(agent: KnownAgent): void {
    this.#tell('worker-offline', agent);
    this.#o.onGone(agent.report.id);
  }

  #forget(id: string, agent: KnownAgent): void {
    this.#agents.delete(id);
    for (const { token } of agent.report.queues) this.#tokens.forget(token, id);
  }

  /** Serves queues of this source. */
  #isOurs({ report }: KnownAgent): boolean {
    return report.queues.some(({ engine }) => engine === this.#o.engine);
  }

  #is(its: AgentQueue, prefix: string, queue: string): boolean {
    return its.engine === this.#o.engine && its.queue === queue && its.prefix === prefix;
  }

  #tell(kind: WorkerEvent['kind'], agent: KnownAgent): void {
    if (!this.#isOurs(agent)) return;
    agent.told = true;
    this.#o.emit({ kind, at: this.#o.clock.now(), worker: this.#worker(agent) });
  }

  #worker(agent: KnownAgent): Worker {
    const { source, engine, clock, labelOf } = this.#o;
    return workerOfAgent(agent.report, {
      source,
      engine,
      status: agent.status,
      lastSeenAt: Math.round(clock.now() - (clock.monotonic() - agent.changedAt)),
      labelOf,
    });
  }
}
