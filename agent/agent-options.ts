import { hostname } from 'node:os';
import { isMainThread, threadId } from 'node:worker_threads';
import type { RedisOptions } from 'ioredis';
import { HEARTBEAT_MS } from './protocol.js';

export interface AgentOptions {
  /** URL or ioredis options; by default those of the first instrumented queue. */
  readonly redis?: string | RedisOptions;
  /** The worker's name, unique among those alive; by default `worker-<pid>@<host>`. */
  readonly worker?: string;
  /** What kind of process this is, as a label; by default `worker`. */
  readonly processType?: string;
  /** Interval of the reports about this worker; by default 2 000. */
  readonly heartbeatMs?: number;
  /** Interval of the measurements of memory, CPU and disk; by default 30 000. */
  readonly resourcesIntervalMs?: number;
  /** Serves Prometheus metrics of this worker on `/metrics`; not by default. Needs the package prom-client. */
  readonly metrics?: {
    readonly port: number;
    /** By default 127.0.0.1. */
    readonly host?: string;
  };
  /** Told once when Redis goes away or returns, or refuses what the agent writes; by default one line to standard error. */
  readonly log?: (message: string) => void;
}

export type AgentSettings = Required<Omit<AgentOptions, 'redis' | 'metrics'>> & Pick<AgentOptions, 'redis' | 'metrics'>;

/** Fills in the defaults; throws a TypeError that names what is wrong. */
export function agentSettings(options: AgentOptions): AgentSettings {
  const processType = options.processType ?? 'worker';
  // The threads of a process share its pid.
  const thread = isMainThread ? '' : `.${threadId}`;
  const settings = {
    ...options,
    processType,
    worker: options.worker ?? `${processType}-${process.pid}${thread}@${hostname()}`,
    heartbeatMs: options.heartbeatMs ?? HEARTBEAT_MS,
    resourcesIntervalMs: options.resourcesIntervalMs ?? 30_000,
    log: options.log ?? ((message: string) => console.warn(`taskscope agent: ${message}`)),
  };
  for (const key of ['worker', 'processType'] as const) {
    if (!/^[^\s\p{Cc}]{1,200}$/u.test(settings[key]))
      throw new TypeError(`${key}: expected 1 to 200 characters without blanks, got "${settings[key]}"`);
  }
  for (const key of ['heartbeatMs', 'resourcesIntervalMs'] as const) {
    if (!(settings[key] >= 100 && settings[key] <= 3_600_000))
      throw new TypeError(`${key}: expected 100 to 3600000, got ${settings[key]}`);
  }
  return settings;
}
