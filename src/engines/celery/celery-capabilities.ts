import type { Capability } from '../../core/queue-engine.js';
import type { CeleryWorker } from './celery-worker.js';

const BY_COMMAND: readonly Capability[] = [
  'revoke-waiting',
  'revoke-active',
  'revoke-signal',
  'drain-queue',
  'retry',
  'retry-anew',
  'inspect-worker',
  'shutdown-worker',
  'resize-pool',
  'restart-pool',
  'autoscale',
  'worker-queues',
  'worker-events',
  'rate-limit',
  'time-limit',
];
/** Where it is said what may be sent: other arguments make another task. */
const SENDING: readonly Capability[] = ['send-task', 'retry-edited'];
/** The first Celery with a command for it. */
const STAMPS_SINCE = [5, 3] as const;

/** Without leave to publish nothing can be told to anybody. Grows as workers tell their version, and where their results are. */
export function celeryCapabilities(options: {
  readonly control: boolean;
  readonly results: boolean;
  /** Messages can be looked at without taking them. */
  readonly peeks: boolean;
  /** Tasks may be sent: new ones, and old ones with other arguments. */
  readonly sends: boolean;
  readonly workers: Iterable<CeleryWorker>;
}): ReadonlySet<Capability> {
  const capabilities = new Set<Capability>(['task-worker', ...(options.control ? BY_COMMAND : [])]);
  if (options.peeks) capabilities.add('peek-queue');
  if (options.control && options.sends) for (const sending of SENDING) capabilities.add(sending);
  if (options.results) capabilities.add('kept-tasks');
  if (options.control && [...options.workers].some(({ version }) => knowsStamps(version))) {
    capabilities.add('revoke-stamped');
  }
  return capabilities;
}

export function knowsStamps(version: string | null): boolean {
  const [major = 0, minor = 0] = (version ?? '').split('.').map((part) => Number.parseInt(part, 10));
  return major > STAMPS_SINCE[0] || (major === STAMPS_SINCE[0] && minor >= STAMPS_SINCE[1]);
}
