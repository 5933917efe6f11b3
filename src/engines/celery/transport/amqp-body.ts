import type { ConsumeMessage } from 'amqplib';
import { OPAQUE, OVERSIZED, type Refused } from '../refusal.js';

const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** The JSON of an event or an answer; why it is not read, where it is not. */
export function bodyOf(message: ConsumeMessage): string | Refused {
  if (message.content.length > MAX_BODY_BYTES) return OVERSIZED;
  const { contentType, headers } = message.properties;
  const compressed = headers?.compression !== undefined;
  return contentType === 'application/json' && !compressed ? message.content.toString() : OPAQUE;
}
