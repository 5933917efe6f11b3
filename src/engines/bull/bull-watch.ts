import type { BrokerCost, EngineListener } from '../../core/queue-engine.js';
import type { SourceStatus } from '../../core/source.js';
import type { EngineEvent, TaskEvent } from '../../core/task-event.js';
import { AgentControl } from '../jobs/agent-control.js';
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
import { BullActions } from './actions/bull-actions.js';
import { AgentFactMapper } from './agent-fact-mapper.js';
import { BullAuditor } from './bull-auditor.js';
import type { BullEngineOptions } from './bull-engine-options.js';
import { BullEventFeed } from './bull-event-feed.js';
import { BullEventMapper } from './bull-event-mapper.js';
import { heldEnds } from './bull-held-ends.js';
import { BullInspector } from './bull-inspector.js';
import type { BriefJob } from './bull-job-hash.js';
import { BullLedger } from './bull-ledger.js';
import type { BullPosition } from './bull-position.js';
import type { BullQueue } from './bull-queue.js';
import { BullQueueFinder } from './bull-queue-finder.js';
import { BullQueueRegistry } from './bull-queue-registry.js';
import { BullRepair } from './bull-repair.js';
import { BullRevoker } from './bull-revoker.js';
import { BullSubscription } from './bull-subscription.js';
import { BullTaskReader } from './bull-task-reader.js';
import { BullTaskTracker } from './bull-task-tracker.js';
import { bullWaitingJobs } from './bull-waiting-jobs.js';
import { BullWorkerBook } from './bull-worker-book.js';

/**
 * Everything that runs while a Bull source is watched, put together. Three connections: one for commands, one subscribed to Bull's channels,
 * one that waits for agents. They come and go on their own; the source is connected while the first two are.
 */
export class BullWatch {
  readonly registry: BullQueueRegistry;
  readonly inspector: BullInspector;
  readonly reader: BullTaskReader;
  readonly waiting: WaitingJobs<BullQueue, BriefJob>;
  readonly revoker: BullRevoker;
  readonly actions: BullActions;
  readonly payloads: JobPayloads;
  readonly #o: BullEngineOptions;
  readonly #meter = new RedisMeter();
  readonly #commands: RedisLink;
  readonly #subscription: BullSubscription;
  readonly #tracker = new BullTaskTracker();
  readonly #ledger = new BullLedger();
  readonly #orphans: OrphanedJobs;
  readonly #holder: OutcomeHolder;
  readonly #agents: AgentWatch;
  readonly #book: BullWorkerBook;
  readonly #mapper: BullEventMapper;
  readonly #feed: BullEventFeed;
  readonly #auditor: BullAuditor;
  readonly #finder: BullQueueFinder;
  readonly #state: LinkState;
  readonly #outbox = new EventOutbox();
  #started = false;
  #stopped = false;
  /** What agents wrote while nobody listened is to be read before the books are judged. */
  #readBefore = false;

  constructor(options: BullEngineOptions) {
    this.#o = options;
    const { clock, redis, source, redact } = options;
    const prefixes = options.prefixes ?? [];

    const link = (role: string, onUp: () => Promise<void>, onDown: (problem: string) => void): RedisLink =>
      new RedisLink({ settings: redis, clock, meter: this.#meter, name: `taskscope-${role}`, onUp, onDown });
    const lost = (problem: string): void => this.#state.lost(problem);
    this.#commands = link('commands', () => this.#commandsUp(), lost);
    this.#state = new LinkState(source, clock, options.log);
    const emit = (event: EngineEvent): void => {
      this.#outbox.push(event);
      if ('id' in event) this.payloads.heard(event);
    };
    const flush = (): void => this.#outbox.flush();
    const denied = (feature: string): void => this.#state.deny(feature);
    this.#subscription = new BullSubscription({
      prefixes,
      connect: (onUp, onDown) => link('events', onUp, onDown),
      heard: (kind, channel, payload) => this.#feed.hear(kind, channel, payload),
      up: (deafSince) => this.#hearsAgain(deafSince),
      down: lost,
      denied,
    });
    const rejected = (reason: string, at: number): void => emit({ kind: 'rejected', at, reason });
    const commands = this.#commands;

    this.registry = new BullQueueRegistry(prefixes);
    this.payloads = new JobPayloads({ link: commands, registry: this.registry, redact, emit, clock, lineages: null });
    this.#orphans = new OrphanedJobs(clock);
    const tell = (event: TaskEvent, queue: JobQueue): void => {
      stalls.published(queue, event);
      emit(event);
    };
    this.#holder = new OutcomeHolder(({ event, queue }) => tell(event, queue));
    const stalls = new StallMatcher(this.#holder, () => clock.monotonic());
    this.#agents = new AgentWatch({
      source: source.name,
      engine: 'bull',
      clock,
      commands,
      connect: (onUp, onDown) => link('facts', onUp, onDown),
      labelOf: (prefix, queue) => this.registry.get(`${prefix}:${queue}`)?.label ?? queue,
      emit,
      onGone: (agentId) => this.#holder.releaseAgent(agentId),
      fact: (agentId, fact) => facts.take(agentId, fact),
      lost: (agentId, loss) => facts.lost(agentId, loss),
      rejected: (reason) => rejected(reason, clock.now()),
      flush,
      // Deaf for the moment: then there is nothing to be overtaken.
      heardAll: () => this.#heardAll().catch(() => undefined),
      denied,
    });
    const { roster } = this.#agents;
    this.#book = new BullWorkerBook(source.name, roster);
    this.#mapper = new BullEventMapper({
      tracker: this.#tracker,
      delivery: new OutcomeDelivery(
        (_, token) => this.#book.expected(token),
        this.#holder,
        tell,
        () => clock.monotonic(),
      ),
      workers: this.#book,
      tally: this.#ledger,
      emit,
      redact,
      stacks: (queue, jobId, stacks) => this.payloads.failed(queue, jobId, stacks),
    });
    this.#finder = new BullQueueFinder({
      link: commands,
      registry: this.registry,
      prefixes,
      found: (queue, addedBefore) => this.#auditor.open(queue, addedBefore),
      gone: (queue) => this.#gone(queue),
      hears: () => this.#subscription.hears,
    });
    this.#feed = new BullEventFeed({
      registry: this.registry,
      tracker: this.#tracker,
      mapper: this.#mapper,
      clock,
      commands,
      meet: (key) => this.#finder.meet(key),
      flush,
      rejected,
    });
    const facts = new AgentFactMapper({
      tracker: this.#tracker,
      holder: this.#holder,
      stalls,
      tally: this.#ledger,
      queueOf: (prefix, name) => this.#finder.believe(prefix, name),
      workerOf: (agentId) => roster.report(agentId)?.worker ?? null,
      tokenOf: (agentId, queue) => roster.tokenOf(agentId, queue.prefix, queue.name),
      learn: (token, agentId) => roster.learn(token, agentId),
      emit,
      redact,
      now: () => clock.now(),
    });
    const repair = new BullRepair({ link: commands, mapper: this.#mapper, tracker: this.#tracker, redact });
    this.#auditor = new BullAuditor({
      link: commands,
      ledger: this.#ledger,
      repair,
      clock,
      heardAll: async () => {
        if (this.#readBefore) await this.#agents.readOnce();
        this.#readBefore = false;
        await this.#heardAll();
      },
      emit,
      flush,
      denied,
    });
    this.inspector = new BullInspector({
      source: source.name,
      link: commands,
      tracker: this.#tracker,
      book: this.#book,
      orphans: this.#orphans,
      now: () => clock.now(),
      denied,
    });
    this.waiting = bullWaitingJobs(commands, redact);
    this.reader = new BullTaskReader({ source: source.name, link: commands, workers: this.#book, redact });
    this.revoker = new BullRevoker({
      link: commands,
      reader: this.reader,
      tracker: this.#tracker,
      orphans: this.#orphans,
      workers: this.#book,
      control: new AgentControl({ engine: 'bull', link: commands, clock, database: redis.database, denied }),
      clock,
      removed: (queue) => this.#ledger.removed(queue),
      emit,
    });
    const { registry, reader, revoker } = this;
    this.actions = new BullActions({ link: commands, registry, reader, revoker, clock, denied });
  }

  /** What has been told reaches as far as this; what waits in the outbox is told before. */
  position(): BullPosition {
    this.#outbox.flush();
    const held = heldEnds(this.#holder);
    const none = { ends: 0, succeeded: 0, failed: 0 };
    return {
      agents: this.#agents.position(),
      books: this.#ledger.stored((queue) => held.get(queue) ?? none),
      ended: this.#tracker.reusable(),
    };
  }

  /** Before `start`. */
  continue({ agents, books, ended }: BullPosition, storedAt: number): void {
    const outage = { from: storedAt, to: this.#o.clock.now() };
    this.#agents.continue(agents);
    this.#tracker.continue(ended);
    this.#ledger.continue(books, outage);
    this.#auditor.outage(outage);
    this.#readBefore = agents.entry !== null;
  }

  start(listener: EngineListener): void {
    if (this.#started || this.#stopped) return;
    this.#started = true;
    this.#outbox.open((batch) => listener.events(batch));
    this.#state.open(() => listener.status(this.status()));
    this.#holder.start(() => this.#o.clock.monotonic());
    // The subscription first: what happens while queues are being found is then heard.
    this.#subscription.link.open();
    this.#commands.open();
    this.#agents.open();
    this.#auditor.start();
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#holder.stop();
    this.payloads.stop();
    this.#finder.stop();
    this.#feed.stop();
    await Promise.all([this.#agents.stop(), this.#commands.close(), this.#subscription.link.close()]);
    await this.#auditor.stop();
    this.#outbox.flush();
    this.#outbox.close();
    this.#state.close();
  }

  status(): SourceStatus {
    const answers = [this.#commands.lastAnswerAt, this.#subscription.link.lastAnswerAt].filter((at) => at !== null);
    return this.#state.status(answers.length === 0 ? null : Math.max(...answers));
  }

  cost(): BrokerCost {
    return this.#meter.cost();
  }

  async #commandsUp(): Promise<void> {
    setImmediate(() => {
      this.#linkUp();
      this.#finder.resume();
      this.#agents.resume();
    });
  }

  #hearsAgain(deafSince: number | null): void {
    const now = this.#o.clock.now();
    this.#mapper.watching(now);
    if (deafSince !== null) this.#auditor.outage({ from: deafSince, to: now });
    setImmediate(() => this.#linkUp());
  }

  #linkUp(): void {
    if (!this.#stopped && this.#commands.up && this.#subscription.link.up) this.#state.connected();
  }

  async #heardAll(): Promise<void> {
    await this.#subscription.heardAll();
    await this.#feed.settled();
  }

  #gone(queue: BullQueue): void {
    this.registry.remove(queue);
    this.#tracker.dropQueue(queue);
    this.#ledger.forget(queue);
    this.#orphans.forget(queue);
    this.#book.forget(queue);
  }
}
