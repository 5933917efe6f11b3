import { randomUUID } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { type Fields, fieldsOf, textIn } from '../json-fields.js';
import { parsePythonJson } from '../python-json.js';
import { MALFORMED, OPAQUE, OVERSIZED, type Refused } from '../refusal.js';
import type { OutgoingTask } from './celery-transport.js';

/** Longer messages are refused unread. Tracebacks are not cut by Celery, and one message may carry 24 events. */
export const MAX_ENVELOPE_BYTES = 8 * 1024 * 1024;
/** After decompression. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

const ZLIB = new Set(['application/x-gzip', 'gzip', 'zlib']);
const JSON_TYPES = new Set(['application/json', 'json']);

/** The envelope as kombu has always written it: the body first, and nothing in it that needs unescaping. */
const PLAIN_START = '{"body": "';
const BASE64 = '"body_encoding": "base64"';
const JSON_TYPE = '"content-type": "application/json"';
const COMPRESSED = '"compression"';

let scratch = Buffer.allocUnsafe(64 * 1024);

/**
 * The JSON text inside a message of the event channel. The usual envelope is not parsed but cut open, which more than doubles the rate;
 * any other takes the long way.
 */
export function eventBodyOf(payload: Buffer): string | Refused {
  if (payload.length > MAX_ENVELOPE_BYTES) return OVERSIZED;
  const text = payload.toString('latin1');
  if (text.startsWith(PLAIN_START)) {
    const end = text.indexOf('"', PLAIN_START.length);
    if (text.includes(JSON_TYPE, end) && text.includes(BASE64, end) && !text.includes(COMPRESSED, end)) {
      return decodeBase64(text, PLAIN_START.length, end);
    }
  }
  const envelope = parseEnvelope(payload.toString());
  return envelope === null ? MALFORMED : bodyOf(envelope);
}

/** Decodes into one buffer that is used again: an allocation per message would cost a tenth of the whole. */
function decodeBase64(text: string, from: number, to: number): string {
  if (to - from > scratch.length) scratch = Buffer.allocUnsafe(to - from);
  const length = scratch.write(text.slice(from, to), 'base64');
  return scratch.toString('utf8', 0, length);
}

export interface Envelope {
  readonly body: string;
  readonly contentType: string;
  readonly headers: Fields;
  readonly properties: Fields;
}

export function parseEnvelope(text: string): Envelope | null {
  let parsed: unknown;
  try {
    parsed = parsePythonJson(text);
  } catch {
    return null; // whoever asked counts it as malformed
  }
  const fields = fieldsOf(parsed);
  const body = textIn(fields?.body);
  if (fields === null || body === null) return null;
  return {
    body,
    contentType: textIn(fields['content-type']) ?? 'application/json',
    headers: fieldsOf(fields.headers) ?? {},
    properties: fieldsOf(fields.properties) ?? {},
  };
}

/** The body as JSON text; never deserialises anything but JSON. */
export function bodyOf(envelope: Envelope): string | Refused {
  if (!JSON_TYPES.has(envelope.contentType)) return OPAQUE;
  const encoded = envelope.properties.body_encoding === 'base64';
  const compression = textIn(envelope.headers.compression);
  if (compression === null) return encoded ? Buffer.from(envelope.body, 'base64').toString() : envelope.body;
  if (!ZLIB.has(compression) || !encoded) return OPAQUE;
  try {
    return inflateSync(Buffer.from(envelope.body, 'base64'), { maxOutputLength: MAX_BODY_BYTES }).toString();
  } catch (error) {
    return error instanceof RangeError ? OVERSIZED : MALFORMED;
  }
}

/** A task for a queue. A worker that misses `delivery_info` exits, and the message is lost with it. */
export function taskEnvelope(queue: string, { id, headers, body }: OutgoingTask): string {
  return JSON.stringify({
    body: Buffer.from(body).toString('base64'),
    'content-encoding': 'utf-8',
    'content-type': 'application/json',
    headers,
    properties: {
      correlation_id: id,
      reply_to: '',
      delivery_mode: 2,
      delivery_info: { exchange: '', routing_key: queue },
      priority: 0,
      body_encoding: 'base64',
      delivery_tag: randomUUID(),
    },
  });
}

/**
 * A message for a control exchange. Every field is needed: a worker that misses `delivery_tag` exits, and one that misses the method
 * is deaf from then on.
 */
export function controlEnvelope(exchange: string, body: string): string {
  return JSON.stringify({
    body: Buffer.from(body).toString('base64'),
    'content-encoding': 'utf-8',
    'content-type': 'application/json',
    headers: { clock: 1, expires: 0 },
    properties: {
      delivery_mode: 2,
      delivery_info: { exchange, routing_key: '' },
      priority: 0,
      body_encoding: 'base64',
      delivery_tag: randomUUID(),
    },
  });
}
