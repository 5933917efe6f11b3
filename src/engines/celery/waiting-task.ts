import type { WaitingTask } from '../../core/queue-peek.js';
import type { Redactor } from '../../core/redaction.js';
import { fieldsOf, isTooDeep, listIn, numberIn, textIn, timeIn } from './json-fields.js';
import { parsePythonJson } from './python-json.js';
import type { QueuedMessage } from './transport/celery-transport.js';
import { bodyOf, type Envelope, parseEnvelope } from './transport/redis-envelope.js';

export interface WaitingTaskParts {
  readonly message: QueuedMessage;
  /** When it was sent last; null where nobody has told. */
  readonly sentAt: (id: string) => number | null;
  readonly redact: Redactor;
}

/** Properties end the message, so the last of these is the message's own, whatever its arguments look like. */
const OWN_ID = /"correlation_id": "((?:[^"\\]|\\.)*)"/g;

/** The id in the end of a message of which the rest is not known; null where it cannot be told. */
export function idAtEnd(text: string): string | null {
  const found = [...text.matchAll(OWN_ID)].at(-1)?.[1];
  return found === undefined ? null : textIn(JSON.parse(`"${found}"`));
}

/** A message of protocol 2, which tells in its headers what it is, or of protocol 1, which has everything in its body. */
export function waitingTask({ message, sentAt, redact }: WaitingTaskParts): WaitingTask {
  const { bytes, priority } = message;
  const envelope = message.whole ? parseEnvelope(message.text) : null;
  if (envelope === null) {
    const id = message.whole ? null : idAtEnd(message.text);
    const unreadable = message.whole ? 'malformed' : 'oversized';
    return { ...UNKNOWN, id, unreadable, priority, bytes, sentAt: id === null ? null : sentAt(id) };
  }
  const body = payloadOf(envelope);
  const told = envelope.headers.id === undefined ? (fieldsOf(body.value) ?? {}) : envelope.headers;
  const [args, kwargs] = envelope.headers.id === undefined ? [told.args, told.kwargs] : listIn(body.value);
  const id = textIn(told.id);
  const retries = numberIn(told.retries);
  return {
    id,
    name: textIn(told.task),
    args: redact(args ?? null),
    kwargs: redact(kwargs ?? null),
    unreadable: body.unreadable,
    priority: numberIn(envelope.properties.priority) ?? priority,
    sentAt: id === null ? null : sentAt(id),
    eta: timeIn(told.eta),
    expiresAt: timeIn(told.expires),
    attempts: retries,
    redelivered: fieldsOf(envelope.properties.delivery_info)?.redelivered === true,
    bytes,
  };
}

const UNKNOWN = {
  name: null,
  args: null,
  kwargs: null,
  eta: null,
  expiresAt: null,
  attempts: null,
  redelivered: false,
} as const;

function payloadOf(envelope: Envelope): { readonly value: unknown; readonly unreadable: WaitingTask['unreadable'] } {
  const body = bodyOf(envelope);
  if (typeof body !== 'string') {
    const { refused } = body;
    return { value: null, unreadable: refused === 'opaque' || refused === 'oversized' ? refused : 'malformed' };
  }
  try {
    const value = parsePythonJson(body);
    return isTooDeep(value) ? { value: null, unreadable: 'malformed' } : { value, unreadable: null };
  } catch {
    return { value: null, unreadable: 'malformed' }; // told by that
  }
}
