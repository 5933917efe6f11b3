import type { Redactor } from '../../core/redaction.js';
import type { Source } from '../../core/source.js';
import type { TaskDetail, TaskPayload, TaskState } from '../../core/task.js';
import type { TaskEvent, TaskEventKind } from '../../core/task-event.js';
import type { ListedTask } from './control-replies.js';
import { valueOfRepr } from './repr-value.js';
import type { StoredResult } from './result-backend.js';
import type { TaskNote } from './task-notes.js';

/** Where a worker has a task right now. */
export interface HeldBy {
  readonly worker: string;
  readonly state: TaskState;
  readonly task: ListedTask;
  readonly queue: string | null;
}

export interface DetailParts {
  readonly source: Source;
  readonly id: string;
  readonly stored: StoredResult | null;
  readonly held: HeldBy | null;
  readonly note: TaskNote | null;
  readonly redact: Redactor;
}

const STATE_OF: Readonly<Record<TaskEventKind, TaskState>> = {
  'task-sent': 'PENDING',
  'task-requeued': 'PENDING',
  'task-received': 'RECEIVED',
  'task-started': 'STARTED',
  'task-progress': 'STARTED',
  'task-retried': 'RETRY',
  'task-rejected': 'REJECTED',
  'task-lost': 'LOST',
  'task-revoked': 'REVOKED',
  'task-failed': 'FAILURE',
  'task-succeeded': 'SUCCESS',
};

/** As events told it; null where none has. */
export function stateOfNote(note: TaskNote | null): TaskState | null {
  const latest = note?.latest ?? null;
  return latest === null ? null : STATE_OF[latest.kind];
}

/**
 * What is stored, unless it is the mark of a task that runs on: a worker of Celery 5.6 stores REVOKED as soon as it is told, also where it does
 * not stop the task.
 */
export function believed(stored: StoredResult | null, held: HeldBy | null, note: TaskNote | null): StoredResult | null {
  const runs = held?.state === 'STARTED' || stateOfNote(note) === 'STARTED';
  return runs && stored?.kind === 'row' && stored.row.state === 'REVOKED' ? null : stored;
}

/** What the backend stores, what a worker says and what events told, in this order of trust. null where none knows the task. */
export function detailOf(parts: DetailParts): TaskDetail | null {
  const { source, id, held, note, redact } = parts;
  const row = parts.stored?.kind === 'row' ? parts.stored.row : null;
  const latest = note?.latest ?? null;
  const state = row?.state ?? held?.state ?? stateOfNote(note);
  if (state === null) return null;
  const ended = row?.state === undefined ? endOf(latest) : null;
  return {
    source: source.name,
    engine: source.engine,
    id,
    name: row?.name ?? held?.task.name ?? note?.name ?? null,
    queue: row?.queue ?? held?.queue ?? note?.queue ?? null,
    state,
    worker: row?.worker ?? held?.worker ?? note?.worker ?? null,
    sentAt: note?.sentAt ?? null,
    eta: held?.task.eta ?? null,
    startedAt: held?.task.startedAt ?? note?.startedAt ?? null,
    finishedAt: row?.finishedAt ?? ended?.at ?? null,
    runtimeMs: latest?.runtimeMs ?? null,
    attempts: attemptsOf(row?.retries ?? null, note),
    error: row?.error ?? ended?.error ?? null,
    args: row?.args ?? argumentOf(held?.task.args, note?.args ?? null, redact),
    kwargs: row?.kwargs ?? argumentOf(held?.task.kwargs, note?.kwargs ?? null, redact),
    result: resultOf(parts, ended),
    traceback: row?.traceback ?? textOf(redact(note?.traceback ?? null)),
    progress: row?.progress ?? null,
    priority: held?.task.priority ?? null,
    maxAttempts: null,
    logs: null,
    attemptHistory: [],
    timeline: [],
    parentId: row?.parentId ?? note?.parentId ?? null,
    rootId: note?.rootId ?? null,
    childIds: row?.childIds ?? [],
    raw: rawOf(parts),
  };
}

/** What events have told of it; its parent and the first of its family are known from when a worker has received it. */
export function payloadOf({ args, kwargs, traceback, parentId, rootId }: TaskNote, redact: Redactor): TaskPayload {
  return {
    args: args === null ? null : valueOfRepr(args, redact),
    kwargs: kwargs === null ? null : valueOfRepr(kwargs, redact),
    traceback: textOf(redact(traceback)),
    parentId,
    rootId,
  };
}

function attemptsOf(retries: number | null, note: TaskNote | null): number | null {
  if (retries !== null) return retries + 1;
  return note === null || note.attempts === 0 ? null : note.attempts;
}

function endOf(latest: TaskEvent | null): TaskEvent | null {
  switch (latest?.kind) {
    case 'task-succeeded':
    case 'task-failed':
    case 'task-revoked':
    case 'task-rejected':
      return latest;
    default:
      return null;
  }
}

/** A value that nobody can read is shown by its size: pickles are never deserialised. */
function resultOf({ stored }: DetailParts, ended: TaskEvent | null): unknown {
  if (stored?.kind === 'row') return stored.row.result ?? null;
  if (stored?.kind === 'opaque') return { opaque: true, bytes: stored.bytes };
  return ended?.value ?? null;
}

/** Whole JSON from a worker, else the text that an event carried, which is marked where it was cut. */
function argumentOf(whole: unknown, repr: string | null, redact: Redactor): unknown {
  if (typeof whole === 'object' && whole !== null) return redact(whole);
  const text = typeof whole === 'string' ? whole : repr;
  return text === null ? null : valueOfRepr(text, redact);
}

function rawOf({ stored, held }: DetailParts): Readonly<Record<string, unknown>> {
  const row = stored?.kind === 'row' ? stored.row : null;
  return {
    ...(row === null ? {} : { status: row.status, groupId: row.groupId }),
    ...(held === null
      ? {}
      : {
          acknowledged: held.task.acknowledged,
          exchange: held.task.exchange,
          routingKey: held.task.routingKey,
          processId: held.task.processId,
        }),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
