import {
  type DynamicModule,
  Inject,
  Logger,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import type { Agent, AgentOptions } from './agent.js';
import { createAgent } from './agent.js';
import { isBullQueue } from './bull-queue.js';
import { isBullmqWorker } from './bullmq-worker.js';
import type { Instrumentable, Target } from './instrumentable.js';
import { recognise } from './instrumentable.js';
import { locationOf } from './redis-location.js';

export const AGENT_OPTIONS = Symbol('taskscope agent options');

/**
 * Instruments every Bull queue and every BullMQ worker of the application, whichever module registered it: queues of @nestjs/bull, hosts of
 * @nestjs/bullmq, and workers that are providers themselves. One agent per Redis.
 * @example @Module({ imports: [TaskscopeAgentModule.forRoot(), BullModule.registerQueue({ name: 'mail' })] })
 */
@Module({ imports: [DiscoveryModule] })
export class TaskscopeAgentModule implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('TaskscopeAgent');
  readonly #agents = new Map<string, Agent>();
  readonly #instrumented = new Map<Target, Instrumentable>();

  constructor(
    private readonly discovery: DiscoveryService,
    @Inject(AGENT_OPTIONS) private readonly options: AgentOptions,
  ) {}

  static forRoot(options: AgentOptions = {}): DynamicModule {
    return { module: TaskscopeAgentModule, providers: [{ provide: AGENT_OPTIONS, useValue: options }] };
  }

  /** The agents, by the Redis they report to. */
  get agents(): ReadonlyMap<string, Agent> {
    return this.#agents;
  }

  /** @nestjs/bullmq has made its workers by now, unless their registration is manual. */
  onApplicationBootstrap(): void {
    for (const wrapper of this.discovery.getProviders()) {
      const instance: unknown = wrapper.instance;
      // Others are made anew for each request, and `instance` is their bare prototype. A host's worker is one all the same.
      if (wrapper.isDependencyTreeStatic()) this.#instrument(instance);
      if (isWorkerHost(instance)) this.#instrument(this.#workerOf(instance));
    }
  }

  /** @nestjs/bull and @nestjs/bullmq close theirs on shutdown too; each closes only once, and the agent's goodbye has to come after. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.#instrumented.values()].map((subject) => subject.close()));
    await Promise.all([...this.#agents.values()].map((agent) => agent.close()));
  }

  #instrument(target: unknown): void {
    if (!isTarget(target) || this.#instrumented.has(target)) return;
    const subject = recognise(target);
    if (subject === null) return;
    if (subject.connection === null && this.options.redis === undefined) {
      this.#logger.warn(
        `Queue ${subject.name} is not followed: it is not reached by ioredis, and the option redis is not set.`,
      );
      return;
    }
    this.#instrumented.set(target, subject);
    this.#agentFor(subject).instrument(target);
  }

  #agentFor({ connection }: Instrumentable): Agent {
    const location = connection === null ? 'elsewhere' : locationOf(connection);
    const found = this.#agents.get(location);
    if (found !== undefined) return found;
    const agent = createAgent({ log: (message) => this.#logger.warn(message), ...this.options });
    this.#agents.set(location, agent);
    return agent;
  }

  /** The getter throws as long as there is no worker. */
  #workerOf(host: { readonly worker: unknown }): unknown {
    try {
      return host.worker;
    } catch (problem) {
      const reason = problem instanceof Error ? problem.message : String(problem);
      this.#logger.warn(`A worker is not followed, hand it to an agent once it is there: ${reason}`);
      return null;
    }
  }
}

/** The base class of processors in @nestjs/bullmq, known by its shape: an accessor `worker`, and the processor's `process`. */
function isWorkerHost(value: unknown): value is { readonly worker: unknown } {
  if (typeof value !== 'object' || value === null || !('process' in value) || !('worker' in value)) return false;
  for (let of: unknown = value; typeof of === 'object' && of !== null; of = Reflect.getPrototypeOf(of)) {
    const property = Reflect.getOwnPropertyDescriptor(of, 'worker');
    if (property !== undefined) return property.get !== undefined;
  }
  return false;
}

function isTarget(value: unknown): value is Target {
  return isBullQueue(value) || isBullmqWorker(value);
}
