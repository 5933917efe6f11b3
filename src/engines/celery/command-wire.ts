import type { WorkerCommand } from '../../core/worker-control.js';
import { consumedQueues, type WorkerStats, workerStats } from './control-replies.js';
import { listIn } from './json-fields.js';

/** A command as Celery's workers take it, and the question whose answer shows that it has taken effect. */
export interface WireCommand {
  readonly method: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly proof: Proof;
}

export type Proof =
  /** The acknowledgement says it all. */
  | { readonly kind: 'answer' }
  /** Never answered: the worker says goodbye instead. */
  | { readonly kind: 'goodbye' }
  /** Nothing that can be asked for shows it. */
  | { readonly kind: 'none' }
  | {
      readonly kind: 'question';
      readonly method: string;
      readonly arguments: Readonly<Record<string, unknown>>;
      /** `before` is the worker's answer to `stats` from just before the command. */
      readonly shows: (answer: unknown, before: WorkerStats | null) => boolean;
    };

export function wireOf(command: WorkerCommand): WireCommand {
  switch (command.kind) {
    case 'shutdown':
      return { method: 'shutdown', arguments: {}, proof: { kind: 'goodbye' } };
    case 'grow-pool':
      return {
        method: 'pool_grow',
        arguments: { n: command.by },
        proof: pool((now, before) => sizeOf(now) >= sizeOf(before) + command.by),
      };
    case 'shrink-pool':
      return {
        method: 'pool_shrink',
        arguments: { n: command.by },
        proof: pool((now, before) => sizeOf(now) <= sizeOf(before) - command.by),
      };
    case 'restart-pool':
      return {
        method: 'pool_restart',
        arguments: { modules: null, reload: false, reloader: null },
        proof: pool(
          (now, before) => now.processIds.length > 0 && !now.processIds.some((pid) => before.processIds.includes(pid)),
        ),
      };
    case 'autoscale': {
      const { minimum, maximum } = command;
      return {
        method: 'autoscale',
        arguments: { max: maximum, min: minimum },
        proof: pool(({ autoscale }) => autoscale?.minimum === minimum && autoscale.maximum === maximum),
      };
    }
    case 'add-queue':
      return {
        method: 'add_consumer',
        arguments: { queue: command.queue, exchange: null, exchange_type: null, routing_key: null },
        proof: queues((names) => names.includes(command.queue)),
      };
    case 'cancel-queue':
      return {
        method: 'cancel_consumer',
        arguments: { queue: command.queue },
        proof: queues((names) => !names.includes(command.queue)),
      };
    case 'events':
      return {
        method: command.enabled ? 'enable_events' : 'disable_events',
        arguments: {},
        proof: { kind: 'answer' },
      };
    case 'rate-limit': {
      const { task, limit } = command;
      return {
        method: 'rate_limit',
        // Zero is Celery's word for none.
        arguments: { task_name: task, rate_limit: limit ?? 0 },
        proof: rateLimited(task, limit),
      };
    }
    case 'time-limit':
      return {
        method: 'time_limit',
        arguments: { task_name: command.task, soft: command.softSeconds, hard: command.hardSeconds },
        // Up to 5.6 at least, the new limit shows in `registered` at once, but tasks are run by a copy of the old one until the worker's
        // consumer or pool starts anew.
        proof: { kind: 'none' },
      };
    case 'revoke-stamped':
      return {
        method: 'revoke_by_stamped_headers',
        arguments: {
          headers: command.stamps,
          terminate: command.terminate,
          ...(command.terminate ? { signal: command.signal ?? 'SIGTERM' } : {}),
        },
        proof: { kind: 'none' },
      };
  }
}

function pool(shows: (now: WorkerStats, before: WorkerStats) => boolean): Proof {
  return {
    kind: 'question',
    method: 'stats',
    arguments: {},
    shows: (answer, before) => {
      const now = workerStats(answer);
      return now !== null && before !== null && shows(now, before);
    },
  };
}

function queues(shows: (names: readonly string[]) => boolean): Proof {
  return {
    kind: 'question',
    method: 'active_queues',
    arguments: {},
    shows: (answer) => Array.isArray(answer) && shows(consumedQueues(answer).map(({ name }) => name)),
  };
}

/** `registered` shows a task as `name [rate_limit=10/m]`, and leaves out what is None. */
function rateLimited(task: string, limit: string | null): Proof {
  return {
    kind: 'question',
    method: 'registered',
    arguments: { taskinfoitems: ['rate_limit'], builtins: true },
    shows: (answer) => {
      const names = limit === null ? [task, `${task} [rate_limit=0]`] : [`${task} [rate_limit=${limit}]`];
      return listIn(answer).some((item) => typeof item === 'string' && names.includes(item));
    },
  };
}

function sizeOf(stats: WorkerStats): number {
  return stats.poolSize ?? Number.NaN;
}
