import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import type { Selectable } from 'kysely';
import { boundedTraceback } from '../core/bounded-traceback.js';
import type { StoredTask } from '../core/history-store.js';
import { ENGINE_KINDS } from '../core/source.js';
import { TASK_STATES, type TaskAttempt, type TaskError, type TaskPayload } from '../core/task.js';
import type { TaskTable } from './database/schema.js';
import { signatureOf } from './failure-signature.js';
import { jsonOf, type PlacedText, placed } from './large-text.js';
import { parseAttempts, parseFacts } from './stored-json.js';
import { bounded } from './word-book.js';

export type TaskRow = Omit<Selectable<TaskTable>, 'seq'>;

/** A value longer than this is compressed and kept once: most that are shorter would not become smaller. */
const MAX_INLINE = 256;
const MAX_MESSAGE = 2_000;
const MAX_ID = 1_000;
const US_PER_MS = 1_000;
/** Beyond what a double holds exactly there is no time, whatever a broker says. */
const MAX_US = Number.MAX_SAFE_INTEGER;

const compress = promisify(deflateRaw);
const decompress = promisify(inflateRaw);

export function micros(ms: number | null): number | null {
  if (ms === null) return null;
  const us = Math.round(ms * US_PER_MS);
  return Math.abs(us) <= MAX_US ? us : null;
}

export function millis(us: number | null): number | null {
  return us === null ? null : us / US_PER_MS;
}

/** Every word that the row of a task refers to. */
export function* wordsOf(task: StoredTask): Generator<string> {
  yield task.source;
  if (task.name !== null) yield task.name;
  if (task.queue !== null) yield task.queue;
  if (task.worker !== null) yield task.worker;
  if (task.error !== null) yield task.error.type;
  const signature = signatureOf(task);
  if (signature !== null) yield signature;
}

/** `large` is filled with the value that the row refers to, if there is one. */
export function rowOf(task: StoredTask, words: ReadonlyMap<string, number>, large: Map<string, string>): TaskRow {
  const word = (text: string | null): number | null => (text === null ? null : (words.get(bounded(text)) ?? null));
  const sent = micros(task.sentAt);
  const started = micros(task.startedAt);
  const finished = micros(task.finishedAt);
  const put = (text: string | null, inline: number): PlacedText =>
    placed(text === null ? null : stored(text), inline, large);
  const result = put(task.result === undefined ? null : JSON.stringify(task.result), MAX_INLINE);
  const args = put(jsonOf(task.args), MAX_INLINE);
  const kwargs = put(jsonOf(task.kwargs), MAX_INLINE);
  const traceback = put(task.traceback === null ? null : boundedTraceback(task.traceback), 0);
  return {
    source: word(task.source) ?? 0,
    id: storedId(task.id),
    engine: ENGINE_KINDS.indexOf(task.engine),
    name: word(task.name),
    queue: word(task.queue),
    worker: word(task.worker),
    state: TASK_STATES.indexOf(task.state),
    moment: sent ?? started ?? finished,
    sent_at: sent,
    eta: micros(task.eta),
    started_at: started,
    finished_at: finished,
    runtime: micros(task.runtimeMs),
    attempts: task.attempts,
    error_type: word(task.error?.type ?? null),
    error_message: task.error === null ? null : stored(task.error.message.slice(0, MAX_MESSAGE)),
    result: result.inline,
    result_ref: result.ref,
    attempt_list: task.attemptHistory.length > 1 ? stored(JSON.stringify(task.attemptHistory.map(listOf))) : null,
    facts: task.facts.length === 0 ? null : JSON.stringify(task.facts),
    signature: word(signatureOf(task)),
    args: args.inline,
    kwargs: kwargs.inline,
    args_ref: args.ref,
    kwargs_ref: kwargs.ref,
    traceback_ref: traceback.ref,
    parent_id: task.parentId === null ? null : storedId(task.parentId),
    root_id: task.rootId === null || task.rootId === task.id ? null : storedId(task.rootId),
  };
}

/** What stands in `large` of a task, or in its row: parsed. */
export interface LargeValues extends Pick<TaskPayload, 'args' | 'kwargs' | 'traceback'> {
  readonly result: unknown;
}

/** For whoever needs none of it. */
export const UNREAD: LargeValues = { result: undefined, args: undefined, kwargs: undefined, traceback: null };

/** One is what it was: `word` knows all of the row's numbers. */
export function taskOf(row: TaskRow, word: (id: number | null) => string | null, large: LargeValues): StoredTask {
  const errorType = word(row.error_type);
  const error: TaskError | null =
    errorType === null && row.error_message === null
      ? null
      : { type: errorType ?? '', message: row.error_message ?? '' };
  const startedAt = millis(row.started_at);
  const finishedAt = millis(row.finished_at);
  const worker = word(row.worker);
  const state = TASK_STATES[row.state] ?? 'PENDING';
  return {
    source: word(row.source) ?? '',
    engine: ENGINE_KINDS[row.engine] ?? 'celery',
    id: row.id,
    name: word(row.name),
    queue: word(row.queue),
    state,
    worker,
    sentAt: millis(row.sent_at),
    eta: millis(row.eta),
    startedAt,
    finishedAt,
    runtimeMs: millis(row.runtime),
    attempts: row.attempts,
    error,
    ...large,
    parentId: row.parent_id,
    rootId: row.root_id,
    attemptHistory:
      row.attempt_list === null
        ? onlyAttempt({ state, worker, startedAt, finishedAt, error })
        : parseAttempts(row.attempt_list),
    facts: row.facts === null ? [] : parseFacts(row.facts),
  };
}

export async function compressed(text: string): Promise<Uint8Array> {
  return compress(text);
}

export async function decompressed(body: Uint8Array): Promise<string> {
  return (await decompress(body)).toString('utf8');
}

/** PostgreSQL's text holds no NUL. */
export function stored(text: string): string {
  return text.includes('\u0000') ? text.replaceAll('\u0000', '\uFFFD') : text;
}

export function storedId(id: string): string {
  return stored(id.length > MAX_ID ? id.slice(0, MAX_ID) : id);
}

function listOf({ number, worker, startedAt, endedAt, outcome, error }: TaskAttempt): readonly unknown[] {
  return [
    number,
    worker,
    startedAt,
    endedAt,
    outcome,
    error?.type ?? null,
    error?.message.slice(0, MAX_MESSAGE) ?? null,
  ];
}

function onlyAttempt(
  task: Pick<StoredTask, 'state' | 'worker' | 'startedAt' | 'finishedAt' | 'error'>,
): readonly TaskAttempt[] {
  const { state, worker, startedAt, finishedAt: endedAt, error } = task;
  if (startedAt === null && endedAt === null) return [];
  const outcome = OUTCOMES[state] ?? null;
  return [{ number: 1, worker, startedAt, endedAt: outcome === null ? null : endedAt, outcome, error }];
}

const OUTCOMES: Partial<Record<StoredTask['state'], TaskAttempt['outcome']>> = {
  SUCCESS: 'success',
  FAILURE: 'failure',
  RETRY: 'retry',
  REVOKED: 'revoked',
  REJECTED: 'rejected',
};
