import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { HealthIndicatorResult } from '@nestjs/terminus';
import { HEALTH_PROBE_KEY, type ProbeAnswer, type ProbeMethod } from './health-probe.decorator.js';

/** Token of the time one probe may take, in milliseconds. */
export const PROBE_DEADLINE_MS = Symbol('PROBE_DEADLINE_MS');

interface Probe {
  readonly name: string;
  readonly run: ProbeMethod;
}

/** Finds every method marked with `@HealthProbe` and makes of each an indicator for Terminus that fails alone and in time. */
@Injectable()
export class ReadinessProbes implements OnModuleInit {
  readonly #logger = new Logger('Health');
  readonly #failing = new Set<string>();
  #probes: readonly Probe[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    @Inject(PROBE_DEADLINE_MS) private readonly deadlineMs: number,
  ) {}

  onModuleInit(): void {
    const wrappers = [...this.discovery.getProviders(), ...this.discovery.getControllers()];
    this.#probes = wrappers.flatMap(({ instance }): readonly Probe[] => this.#probesOf(instance));
  }

  indicators(): (() => Promise<HealthIndicatorResult>)[] {
    return this.#probes.map((probe) => () => this.#ask(probe));
  }

  #probesOf(instance: unknown): readonly Probe[] {
    if (typeof instance !== 'object' || instance === null) return [];
    const prototype: unknown = Object.getPrototypeOf(instance);
    if (typeof prototype !== 'object' || prototype === null) return [];
    return this.scanner.getAllMethodNames(prototype).flatMap((method) => {
      const marked: unknown = Reflect.get(prototype, method);
      const name = nameOf(marked);
      return name === null || !isProbe(marked) ? [] : [{ name, run: () => Reflect.apply(marked, instance, []) }];
    });
  }

  async #ask({ name, run }: Probe): Promise<HealthIndicatorResult> {
    try {
      const answers = await withDeadline(run(), this.deadlineMs);
      this.#failing.delete(name);
      return resultOf(answers);
    } catch (error) {
      // Probes come every few seconds: one line when it starts to fail, not one each time.
      if (!this.#failing.has(name)) {
        this.#failing.add(name);
        this.#logger.error(`the probe "${name}" fails`, error instanceof Error ? error.stack : String(error));
      }
      return resultOf([{ name, status: 'down', message: 'the probe fails; the log says why' }]);
    }
  }
}

function nameOf(method: unknown): string | null {
  const name: unknown = typeof method === 'function' ? Reflect.getMetadata(HEALTH_PROBE_KEY, method) : null;
  return typeof name === 'string' ? name : null;
}

/** The decorator takes methods of this type only. */
function isProbe(method: unknown): method is ProbeMethod {
  return typeof method === 'function';
}

function resultOf(answers: readonly ProbeAnswer[]): HealthIndicatorResult {
  return Object.fromEntries(
    answers.map(({ name, status, message }) => [name, { status, ...(message !== null && { message }) }]),
  );
}

async function withDeadline<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`expected an answer within ${ms} ms, found none`)), ms);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
