export const WORKER_ANSWERS = ['acknowledged', 'refused', 'silent'] as const;

/** What one worker said to a command. */
export interface WorkerAnswer {
  readonly worker: string;
  readonly answer: (typeof WORKER_ANSWERS)[number];
  /** Its own words, or why it refused; null where it said nothing. */
  readonly message: string | null;
}

/** Everything that can be told to workers besides revoking one task. */
export type WorkerCommand =
  /** Warm: it takes nothing new, finishes what it runs, and ends. */
  | { readonly kind: 'shutdown' }
  | { readonly kind: 'grow-pool'; readonly by: number }
  | { readonly kind: 'shrink-pool'; readonly by: number }
  | { readonly kind: 'restart-pool' }
  | { readonly kind: 'autoscale'; readonly minimum: number; readonly maximum: number }
  | { readonly kind: 'add-queue'; readonly queue: string }
  | { readonly kind: 'cancel-queue'; readonly queue: string }
  | { readonly kind: 'events'; readonly enabled: boolean }
  /** `limit` such as `10/m`; null lifts it. */
  | { readonly kind: 'rate-limit'; readonly task: string; readonly limit: string | null }
  /** null lifts a limit. */
  | {
      readonly kind: 'time-limit';
      readonly task: string;
      readonly softSeconds: number | null;
      readonly hardSeconds: number | null;
    }
  /** Every task that carries one of these stamps: name and values. */
  | {
      readonly kind: 'revoke-stamped';
      readonly stamps: Readonly<Record<string, readonly string[]>>;
      readonly terminate: boolean;
      readonly signal: string | null;
    };

const CAPABILITY_OF = {
  shutdown: 'shutdown-worker',
  'grow-pool': 'resize-pool',
  'shrink-pool': 'resize-pool',
  'restart-pool': 'restart-pool',
  autoscale: 'autoscale',
  'add-queue': 'worker-queues',
  'cancel-queue': 'worker-queues',
  events: 'worker-events',
  'rate-limit': 'rate-limit',
  'time-limit': 'time-limit',
  'revoke-stamped': 'revoke-stamped',
} as const;

/** The capability that an engine must have for it. */
export function capabilityOf(command: WorkerCommand): (typeof CAPABILITY_OF)[WorkerCommand['kind']] {
  return CAPABILITY_OF[command.kind];
}

export interface CommandedWorker extends WorkerAnswer {
  /** The worker itself has shown that it is so, by more than its acknowledgement. */
  readonly inEffect: boolean;
}

export const COMMAND_OUTCOMES = ['done', 'accepted', 'refused', 'unacknowledged'] as const;

/**
 * done: seen in effect on every worker that was told. accepted: acknowledged by one at least, and not seen in effect on all. refused: by
 * all who answered. unacknowledged: nobody has answered.
 */
export interface CommandReport {
  readonly outcome: (typeof COMMAND_OUTCOMES)[number];
  /** One sentence. */
  readonly message: string;
  readonly workers: readonly CommandedWorker[];
}
