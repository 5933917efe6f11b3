import type { TaskState, WorkerStatus } from '../api/model.js';
import { Icon, type IconName } from './Icon.js';

/** Colours of tokens.css. */
export type Tone =
  | 'success'
  | 'failure'
  | 'retry'
  | 'running'
  | 'reserved'
  | 'scheduled'
  | 'revoked'
  | 'lost'
  | 'unknown';

interface Look {
  readonly word: string;
  readonly tone: Tone;
  readonly icon: IconName;
}

/** Shape, word and colour of every state, told once: tables, charts and the timeline all read it. */
export const TASK_STATE: Readonly<Record<TaskState, Look>> = {
  PENDING: { word: 'waiting', tone: 'unknown', icon: 'circle' },
  RECEIVED: { word: 'reserved', tone: 'reserved', icon: 'half' },
  STARTED: { word: 'running', tone: 'running', icon: 'play' },
  SUCCESS: { word: 'succeeded', tone: 'success', icon: 'check' },
  FAILURE: { word: 'failed', tone: 'failure', icon: 'cross' },
  RETRY: { word: 'retrying', tone: 'retry', icon: 'retry' },
  REVOKED: { word: 'revoked', tone: 'revoked', icon: 'slash' },
  REJECTED: { word: 'rejected', tone: 'revoked', icon: 'slash' },
  LOST: { word: 'lost', tone: 'lost', icon: 'broken' },
};

export const WORKER_STATUS: Readonly<Record<WorkerStatus, Look & { readonly meaning: string }>> = {
  online: { word: 'online', tone: 'success', icon: 'check', meaning: 'Heard of lately' },
  suspect: { word: 'suspect', tone: 'retry', icon: 'question', meaning: 'One heartbeat late' },
  silent: { word: 'silent', tone: 'retry', icon: 'half', meaning: 'Alive but not answering' },
  stalled: {
    word: 'stalled',
    tone: 'failure',
    icon: 'pause',
    meaning: 'Heartbeats arrive, work waits, nothing is consumed',
  },
  lost: { word: 'lost', tone: 'lost', icon: 'broken', meaning: 'Gone without a goodbye' },
  offline: { word: 'offline', tone: 'unknown', icon: 'circle', meaning: 'Said goodbye' },
};

/** Any state as a badge: a shape, a word, a colour. */
export function Badge({ word, tone, icon, title }: Look & { readonly title?: string }) {
  return (
    <span className="badge" data-tone={tone} title={title}>
      <Icon name={icon} size={12} />
      {word}
    </span>
  );
}

export function TaskStateBadge({ state }: { readonly state: TaskState }) {
  return <Badge {...TASK_STATE[state]} title={state} />;
}

export function WorkerStatusBadge({ status }: { readonly status: WorkerStatus }) {
  const { meaning, ...look } = WORKER_STATUS[status];
  return <Badge {...look} title={meaning} />;
}
