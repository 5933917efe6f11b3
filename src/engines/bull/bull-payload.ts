import { MAX_ERROR_MESSAGE } from '../jobs/job-error.js';
import { MAX_VALUE, parseJson } from '../jobs/parse-json.js';
import type { ChannelKind } from './bull-channel.js';

/** A message whose envelope is larger is not parsed either: the job's id is at its very beginning. */
const MAX_ENVELOPE = 4 * MAX_VALUE;
const MAX_ID = 512;

/** What a message says, its two layers of JSON taken off. */
export interface BullPayload {
  readonly jobId: string;
  /** completed: the result. failed: the message. progress: its value. undefined where there is none, or it was too large. */
  readonly value: unknown;
  /** Of the value as it came. */
  readonly valueBytes: number;
  readonly oversized: boolean;
}

export const NOTHING: BullPayload = { jobId: '', value: undefined, valueBytes: 0, oversized: false };

/** null where the payload is not what Bull publishes on such a channel. */
export function readPayload(kind: ChannelKind, payload: string): BullPayload | null {
  switch (kind) {
    case 'completed':
      return readCompleted(payload);
    case 'failed':
      return readFailed(payload);
    case 'progress':
      return readProgress(payload);
    case 'delayed':
      // A time, and no job.
      return NOTHING;
    default:
      return payload === '' || payload.length > MAX_ID ? null : { ...NOTHING, jobId: payload };
  }
}

/** `{"jobId":"1","val":"<JSON as a string>"}`: encoded twice by Bull. */
function readCompleted(payload: string): BullPayload | null {
  const envelope = readEnvelope(payload);
  if (!envelope) return null;
  const { jobId, val } = envelope;
  if (envelope.oversized || (val !== null && val.length > MAX_VALUE)) {
    return { jobId, value: undefined, valueBytes: val?.length ?? payload.length, oversized: envelope.oversized };
  }
  // A processor that returns nothing has no `val`; Bull stores null for it.
  return { jobId, value: val === null ? null : parseJson(val), valueBytes: val?.length ?? 0, oversized: false };
}

/** `{"jobId":"1","val":"message"}`. */
function readFailed(payload: string): BullPayload | null {
  const envelope = readEnvelope(payload);
  if (!envelope) return null;
  const { jobId, val, oversized } = envelope;
  return { jobId, value: val?.slice(0, MAX_ERROR_MESSAGE), valueBytes: val?.length ?? 0, oversized };
}

/** `{"jobId":"1","progress":…}`; versions before 3.12 wrote `1,…`. */
function readProgress(payload: string): BullPayload | null {
  if (payload.length > MAX_VALUE) return null;
  const parsed = parseJson(payload);
  if (typeof parsed === 'object' && parsed !== null && 'jobId' in parsed) {
    const jobId = idOf(parsed.jobId);
    const value: unknown = 'progress' in parsed ? parsed.progress : null;
    return jobId === null ? null : { jobId, value, valueBytes: payload.length, oversized: false };
  }
  const comma = payload.indexOf(',');
  if (comma < 1 || comma > MAX_ID) return null;
  const value = parseJson(payload.slice(comma + 1));
  return value === undefined
    ? null
    : { jobId: payload.slice(0, comma), value, valueBytes: payload.length, oversized: false };
}

function readEnvelope(payload: string): { jobId: string; val: string | null; oversized: boolean } | null {
  if (payload.length > MAX_ENVELOPE) {
    const found = /^\{"jobId":(?:"((?:[^"\\]|\\.){1,512})"|(\d{1,20}))/.exec(payload.slice(0, 600));
    const jobId = found?.[1] === undefined ? found?.[2] : parseJson(`"${found[1]}"`);
    return typeof jobId === 'string' ? { jobId, val: null, oversized: true } : null;
  }
  const parsed = parseJson(payload);
  if (typeof parsed !== 'object' || parsed === null || !('jobId' in parsed)) return null;
  const jobId = idOf(parsed.jobId);
  const val: unknown = 'val' in parsed ? parsed.val : null;
  return jobId === null ? null : { jobId, val: typeof val === 'string' ? val : null, oversized: false };
}

function idOf(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' && value.length <= MAX_ID ? value : null;
}
