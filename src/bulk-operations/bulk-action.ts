import { DomainError, messageOf, NotSupported, SourceUnavailable, TaskNotFound } from '../core/errors.js';
import { type Capability } from '../core/queue-engine.js';
import { capabilityOfTask, type TaskAction } from '../core/task-action.js';
import type { QueueInspector } from '../queue-inspector/queue-inspector.js';

/** What may be done to many tasks. */
export type BulkAction =
  | { readonly kind: 'revoke'; readonly terminate: boolean; readonly signal: string | null }
  | TaskAction;

export type BulkActionKind = BulkAction['kind'];

export const BULK_ACTIONS = [
  'revoke',
  'retry',
  'promote',
  'remove',
  'delay',
  'priority',
] as const satisfies readonly BulkActionKind[];

/** done: the engine says so. refused: it cannot be done to this task. failed: nobody can say, or the broker did not answer. */
export interface BulkResult {
  readonly outcome: 'done' | 'refused' | 'failed';
  /** One word; null where it was done. */
  readonly reason: string | null;
  readonly message: string;
}

const MAX_MESSAGE = 300;

/** The capability without which a source can do it to no task at all. */
export function capabilityOfBulk(action: BulkAction): Capability {
  return action.kind === 'revoke' ? 'revoke-waiting' : capabilityOfTask(action);
}

/** The operationId of doing it to one task: whoever may not do that may not do it to many. */
export function operationOfBulk({ kind }: BulkAction): string {
  switch (kind) {
    case 'revoke':
      return 'revokeTask';
    case 'retry':
      return 'retryTask';
    case 'promote':
      return 'promoteTask';
    case 'remove':
      return 'removeTask';
    case 'delay':
    case 'priority':
      return 'changeTask';
    default:
      return kind satisfies never;
  }
}

/** Does it to one task. Never throws: what goes wrong with one task is the result of that one. */
export async function actOnOne(
  inspector: QueueInspector,
  action: BulkAction,
  task: { readonly id: string; readonly source: string | null },
): Promise<BulkResult> {
  try {
    const result = await attempt(inspector, action, task.id, task.source ?? undefined);
    return { ...result, message: result.message.slice(0, MAX_MESSAGE) };
  } catch (error) {
    const outcome = error instanceof DomainError && !(error instanceof SourceUnavailable) ? 'refused' : 'failed';
    return { outcome, reason: reasonOf(error), message: messageOf(error).slice(0, MAX_MESSAGE) };
  }
}

async function attempt(
  inspector: QueueInspector,
  action: BulkAction,
  id: string,
  source: string | undefined,
): Promise<BulkResult> {
  if (action.kind !== 'revoke') {
    const { refusal, message } = await inspector.actions.onTask(id, action, source);
    return { outcome: refusal === null ? 'done' : 'refused', reason: refusal, message };
  }
  const { terminate, signal } = action;
  const { outcome, message } = await inspector.revoke(id, { terminate, signal }, source);
  switch (outcome) {
    case 'revoked':
    case 'accepted':
      return { outcome: 'done', reason: null, message };
    case 'too-late':
      return { outcome: 'refused', reason: 'state', message };
    case 'unacknowledged':
      return { outcome: 'failed', reason: 'unacknowledged', message };
    default:
      return outcome satisfies never;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof TaskNotFound) return 'gone';
  if (error instanceof NotSupported) return 'not-supported';
  return error instanceof DomainError ? error.code : 'error';
}
