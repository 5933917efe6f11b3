import { listOf, textOf } from '../redis/redis-reply.js';

/** What we use of the stream. Applications may write events of their own to it; those are `other`. */
export const ENTRY_KINDS = [
  'added',
  'waiting',
  'delayed',
  'active',
  'waiting-children',
  'progress',
  'completed',
  'failed',
  'stalled',
  'removed',
  'duplicated',
  'deduplicated',
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number] | 'other';

const KINDS: ReadonlyMap<string, EntryKind> = new Map(ENTRY_KINDS.map((kind) => [kind, kind]));
const MAX_JOB_ID = 512;

/** One entry of a queue's event stream. */
export interface StreamEntry {
  /** `<milliseconds>-<number>`: the clock of Redis. */
  readonly id: string;
  readonly at: number;
  readonly kind: EntryKind;
  readonly jobId: string;
  /** The list or set it came from, where told. */
  readonly prev: string | null;
  /** added: the job's name. */
  readonly name: string | null;
  /** delayed: when it is due. */
  readonly due: number | null;
  /** completed: the result. failed: the message. progress: its value. As it came. */
  readonly text: string | null;
}

/** null where it is not an entry at all; then not even its place in the stream is known. */
export function readStreamEntry(reply: unknown): StreamEntry | null {
  const [idReply, fields] = listOf(reply);
  const id = textOf(idReply);
  if (id === null) return null;
  const flat = listOf(fields);
  let kind: EntryKind = 'other';
  let jobId = '';
  let prev: string | null = null;
  let name: string | null = null;
  let due: number | null = null;
  let text: string | null = null;
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const value = textOf(flat[i + 1]) ?? '';
    switch (flat[i]) {
      case 'event':
        kind = KINDS.get(value) ?? 'other';
        break;
      case 'jobId':
        jobId = value.length <= MAX_JOB_ID ? value : '';
        break;
      case 'prev':
        prev = value;
        break;
      case 'name':
        name = value.slice(0, MAX_JOB_ID);
        break;
      case 'delay':
        // Version 4 divides its score and leaves a fraction.
        due = Number.isFinite(Number(value)) ? Math.floor(Number(value)) : null;
        break;
      case 'returnvalue':
      case 'failedReason':
      case 'data':
        text = value;
        break;
      default:
    }
  }
  if (jobId === '') kind = 'other';
  return { id, at: millisecondsOf(id), kind, jobId, prev, name, due, text };
}

export function millisecondsOf(streamId: string): number {
  return Number(streamId.slice(0, streamId.indexOf('-')));
}

/** Negative where `a` came before `b`. */
export function compareStreamIds(a: string, b: string): number {
  const [aMs = '0', aNth = '0'] = a.split('-');
  const [bMs = '0', bNth = '0'] = b.split('-');
  return Number(aMs) - Number(bMs) || Number(aNth) - Number(bNth);
}
