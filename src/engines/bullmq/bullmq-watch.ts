import type { Clock } from '../../core/clock.js';
import type { BrokerCost, EngineListener } from '../../core/queue-engine.js';
import type { SourceStatus } from '../../core/source.js';
import type { EngineEvent, TaskEvent } from '../../core/task-event.js';
import { AgentControl } from '../jobs/agent-control.js';
import { AGENT_PATIENCE_MS } from '../jobs/agent-roster.js';
import { AgentWatch } from '../jobs/agent-watch.js';
import { EventOutbox } from '../jobs/event-outbox.js';
import { JobPayloads } from '../jobs/job-payloads.js';
import type { JobQueue } from '../jobs/job-queue.js';
import { OrphanedJobs } from '../jobs/orphaned-jobs.js';
import { OutcomeDelivery } from '../jobs/outcome-delivery.js';
import { OutcomeHolder } from '../jobs/outcome-holder.js';
import { StallMatcher } from '../jobs/stall-matcher.js';
import type { WaitingJobs } from '../jobs/waiting-jobs.js';
import { LinkState } from '../redis/link-state.js';
import { RedisLink } from '../redis/redis-link.js';
import { RedisMeter } from '../redis/redis-meter.js';
import { countOf, listOf } from '../redis/redis-reply.js';
import { BullmqActions } from './actions/bullmq-actions.js';
import type { BullmqEngineOptions } from './bullmq-engine-options.js';
import { BullmqEventFeed } from './bullmq-event-feed.js';
import { BullmqEventMapper } from './bullmq-event-mapper.js';
import { BullmqFactMapper } from './bullmq-fact-mapper.js';
import { BullmqInspector } from './bullmq-inspector.js';
import type { BriefJob } from './bullmq-job-hash.js';
import { BullmqLineages } from './bullmq-lineages.js';
import type { BullmqPosition } from './bullmq-position.js';
import type { BullmqQueue } from './bullmq-queue.js';
import { BullmqQueueFinder } from './bullmq-queue-finder.js';
import { BullmqQueueRegistry } from './bullmq-queue-registry.js';
import { BullmqRevoker } from './bullmq-revoker.js';
import { BullmqStreamReader } from './bullmq-stream-reader.js';
import { BullmqTaskReader } from './bullmq-task-reader.js';
import { BullmqTaskTracker } from './bullmq-task-tracker.js';
import { bullmqWaitingJobs } from './bullmq-waiting-jobs.js';
import { BullmqWorkerBook } from './bullmq-worker-book.js';

/** Outcomes stored with the position: some 2 MB. What waits beyond that is told as it was heard. */
const MAX_STORED_OUTCOMES = 5_000;

/**
 * Everything that runs while a BullMQ source is watched, put together. Three connections: one for commands, one that waits for events, one
 * that waits for agents. They come and go on their own; the source is connected while the first two are up.
 */
export class BullmqWatch {
  readonly registry: BullmqQueueRegistry;
  readonly inspector: BullmqInspector;
  readonly reader: BullmqTaskReader;
  readonly waiting: WaitingJobs<BullmqQueue, BriefJob>;
  readonly revoker: BullmqRevoker;
  readonly actions: BullmqActions;
  readonly payloads: JobPayloads;
  readonly #meter = new RedisMeter();
  readonly #commands: RedisLink;
  readonly #events: RedisLink;
  readonly #orphans: OrphanedJobs;
  readonly #feed: BullmqEventFeed;
  readonly #finder: BullmqQueueFinder;
  readonly #agents: AgentWatch;
  readonly #holder: OutcomeHolder;
  readonly #clock: Clock;
  readonly #state: LinkState;
  readonly #outbox = new EventOutbox();
  #started = false;
  /** Last sign of life before the connection was lost; null while it holds, and before the first. */
  #awaySince: number | null = null;
  #stopped = false;
  #walked = false;
  /** Of a source that goes on from an earlier run: facts are not taken before the streams are read again. */
  #factsMayCome: Promise<void> | null = null;
  #mayTakeFacts = (): void => undefined;

  constructor(options: BullmqEngineOptions) {
    const { clock, redis, source, redact } = options;
    const prefixes = options.prefixes ?? [];
    this.#clock = clock;
    this.#state = new LinkState(source, clock, options.log);

    const link = (role: string, onUp: () => Promise<void>, onDown: (problem: string) => void): RedisLink =>
      new RedisLink({ settings: redis, clock, meter: this.#meter, name: `taskscope-${role}`, onUp, onDown });
    const down = (problem: string): void => this.#linkDown(problem);
    this.#commands = link('commands', () => this.#commandsUp(), down);
    this.#events = link('events', async () => void setImmediate(() => this.#linkUp()), down);

    const commands = this.#commands;
    const denied = (feature: string): void => this.#state.deny(feature);
    const emit = (event: EngineEvent): void => {
      this.#outbox.push(event);
      if ('id' in event) this.payloads.heard(event);
    };
    const flush = (): void => this.#outbox.flush();
    const tracker = new BullmqTaskTracker();
    this.registry = new BullmqQueueRegistry(prefixes);
    const lineages = new BullmqLineages(commands, this.registry);
    this.payloads = new JobPayloads({ link: commands, registry: this.registry, redact, emit, clock, lineages });
    this.#orphans = new OrphanedJobs(clock);
    const tell = (event: TaskEvent, queue: JobQueue): void => {
      stalls.published(queue, event);
      emit(event);
    };
    const holder = new OutcomeHolder(({ event, queue }) => tell(event, queue));
    this.#holder = holder;
    const stalls = new StallMatcher(holder, () => clock.monotonic());
    const facts = new BullmqFactMapper({
      tracker,
      holder,
      stalls,
      queueOf: (prefix, name) => this.registry.get(`${prefix}:${name}`) ?? null,
      workerOf: (agentId) => roster.report(agentId)?.worker ?? null,
      told: (queue, what) => this.#feed.told(queue, what),
      emit,
      redact,
    });
    this.#agents = new AgentWatch({
      source: source.name,
      engine: 'bullmq',
      clock,
      commands,
      connect: (onUp, onDown) => link('facts', onUp, onDown),
      labelOf: (prefix, queue) => this.registry.get(`${prefix}:${queue}`)?.label ?? queue,
      emit,
      onGone: (agentId) => holder.releaseAgent(agentId),
      fact: (agentId, fact) => facts.take(agentId, fact),
      lost: (agentId, loss) => facts.lost(agentId, loss),
      rejected: (reason) => emit({ kind: 'rejected', at: clock.now(), reason }),
      flush,
      heardAll: async (told) => {
        await this.#factsMayCome;
        if (told.some((fact) => facts.isAhead(fact))) await this.#feed.readAll();
      },
      denied,
    });
    const { roster } = this.#agents;
    const book = new BullmqWorkerBook(source.name, roster);
    const mapper = new BullmqEventMapper({
      tracker,
      delivery: new OutcomeDelivery(
        (queue, token) => book.expected(queue, token),
        holder,
        tell,
        () => clock.monotonic(),
      ),
      emit,
      redact,
      stacks: (queue, jobId, stacks) => this.payloads.failed(queue, jobId, stacks),
      workerOf: (queue, { brief, token }) => book.nameOf(queue, brief?.worker ?? null, token),
    });
    this.#feed = new BullmqEventFeed({
      reader: new BullmqStreamReader(this.#events, redis.topology.kind === 'cluster'),
      commands,
      tracker,
      mapper,
      clock,
      emit,
      flush,
      hold: (outcome) => holder.hold({ ...outcome, until: clock.monotonic() + AGENT_PATIENCE_MS }),
      denied,
      askWorker: (queue) => book.isShared(queue),
      agentsHeard: async ({ prefix, name }) => {
        if (roster.serving(prefix, name).length > 0) await this.#agents.caughtUp();
      },
    });
    this.#finder = new BullmqQueueFinder({
      link: commands,
      registry: this.registry,
      prefixes,
      found: (queue, isNew) => this.#feed.add(queue, isNew),
      walked: () => {
        this.#feed.allMet();
        this.#walked = true;
        this.#goOnWithFacts();
      },
      gone: (queue) => this.#gone(queue),
      denied,
    });
    this.inspector = new BullmqInspector({
      source: source.name,
      link: commands,
      tracker,
      book,
      orphans: this.#orphans,
      now: () => clock.now(),
      denied,
    });
    this.waiting = bullmqWaitingJobs(commands, redact);
    this.reader = new BullmqTaskReader({ source: source.name, link: commands, registry: this.registry, book, redact });
    this.revoker = new BullmqRevoker({
      link: commands,
      tracker,
      orphans: this.#orphans,
      book,
      control: new AgentControl({ engine: 'bullmq', link: commands, clock, database: redis.database, denied }),
    });
    this.actions = new BullmqActions({
      link: commands,
      registry: this.registry,
      revoker: this.revoker,
      tracker,
      clock,
      emit,
      flush: () => this.#outbox.flush(),
      denied,
    });
  }

  /** What has been told reaches as far as this; what waits in the outbox is told before. */
  position(): BullmqPosition {
    this.#holder.releaseBeyond(MAX_STORED_OUTCOMES);
    this.#outbox.flush();
    return { agents: this.#agents.position(), ...this.#feed.position(this.#holder.held()) };
  }

  /** Before `start`. */
  continue({ agents, ...streams }: BullmqPosition, storedAt: number): void {
    this.#factsMayCome = new Promise((resolve) => {
      this.#mayTakeFacts = resolve;
    });
    this.#agents.continue(agents);
    this.#feed.continue(streams, storedAt);
  }

  start(listener: EngineListener): void {
    if (this.#started || this.#stopped) return;
    this.#started = true;
    this.#outbox.open((batch) => listener.events(batch));
    this.#state.open(() => listener.status(this.status()));
    this.#holder.start(() => this.#clock.monotonic());
    this.#events.open();
    this.#commands.open();
    this.#agents.open();
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#mayTakeFacts();
    this.#holder.stop();
    this.payloads.stop();
    this.#finder.stop();
    this.#feed.stop();
    await Promise.all([this.#agents.stop(), this.#commands.close(), this.#events.close()]);
    this.#outbox.flush();
    this.#outbox.close();
    this.#state.close();
  }

  status(): SourceStatus {
    const answers = [this.#commands.lastAnswerAt, this.#events.lastAnswerAt].filter((at) => at !== null);
    return this.#state.status(answers.length === 0 ? null : Math.max(...answers));
  }

  cost(): BrokerCost {
    return this.#meter.cost();
  }

  /** The clock of Redis is the one that stream ids are made of. */
  async #commandsUp(): Promise<void> {
    const [seconds, micros] = listOf(await this.#commands.call(['TIME']));
    this.#feed.watchSince(countOf(seconds) * 1000 + Math.floor(countOf(micros) / 1000));
    setImmediate(() => {
      if (this.#stopped) return;
      this.#finder.resume();
      this.#agents.resume();
      this.#linkUp();
    });
  }

  #linkUp(): void {
    if (this.#stopped || !this.#commands.up || !this.#events.up) return;
    this.#feed.resume(this.#awaySince);
    this.#awaySince = null;
    this.#goOnWithFacts();
    this.#state.connected();
  }

  /** Their tasks are told by the streams first: once the queues are known, and while the streams are read. */
  #goOnWithFacts(): void {
    if (this.#walked && this.#events.up) this.#mayTakeFacts();
  }

  #linkDown(problem: string): void {
    const status = this.status();
    if (status.connection === 'connected') this.#awaySince ??= status.lastAnswerAt;
    this.#feed.stop();
    this.#state.lost(problem);
  }

  #gone(queue: BullmqQueue): void {
    this.registry.remove(queue);
    this.#feed.remove(queue);
    this.#orphans.forget(queue);
  }
}
