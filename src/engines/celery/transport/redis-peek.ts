import { messageOf } from '../../../core/errors.js';
import type { RedisLink } from '../../redis/redis-link.js';
import { countOf, listOf, textOf } from '../../redis/redis-reply.js';
import type { CeleryNames } from '../celery-settings.js';
import type { QueuedMessage, QueueReader } from './celery-transport.js';

/** A larger message is shown by what stands at its end: its headers and properties come after its body. */
const MAX_BYTES = 128 * 1024;
const END_BYTES = 4 * 1024;

/**
 * Messages are popped from the right, key by key. Reads only, and hands out no more than a part of a large one. Per key: its length, then so
 * many messages at most, each as its size and its text, beginning at a place counted over all keys.
 */
const PEEK = `
local wanted, max, tail, skip = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local found = {}
for at, key in ipairs(KEYS) do
  local length, items = redis.call('LLEN', key), {}
  local left_out = math.min(length, skip)
  skip = skip - left_out
  for n = left_out + 1, math.min(length, left_out + wanted) do
    local message = redis.call('LINDEX', key, -n)
    items[#items + 1] = #message
    items[#items + 1] = #message > max and string.sub(message, -tail) or message
  end
  found[at] = { length, items }
end
return found`;

/** Counts, and removes where there are not more than expected, in one step. */
const PURGE = `
local found = 0
for _, key in ipairs(KEYS) do found = found + redis.call('LLEN', key) end
if ARGV[1] == '1' or (ARGV[2] ~= '' and found > tonumber(ARGV[2])) then return { found, 0 } end
redis.call('UNLINK', unpack(KEYS))
return { found, found }`;

/** Looks at the first messages of a queue without taking them, and takes all where that is wanted. */
export class RedisPeek implements QueueReader {
  readonly #link: RedisLink;
  readonly #names: CeleryNames;
  #readOnly = true;

  constructor(link: RedisLink, names: CeleryNames) {
    this.#link = link;
    this.#names = names;
  }

  /** One round trip, O(limit) for each priority step, times the way to the place from the list's nearer end. */
  async first(
    queue: string,
    limit: number,
    signal: AbortSignal,
    offset = 0,
  ): Promise<{ readonly total: number; readonly messages: readonly QueuedMessage[] }> {
    const steps = await this.#read([queue], { offset, limit }, MAX_BYTES, signal);
    const messages = steps.flatMap(({ items }) => items).slice(0, limit);
    return { total: steps.reduce((sum, { length }) => sum + length, 0), messages };
  }

  /** The end of the next message of every step that holds any, by queue. One round trip; bounded whatever the messages' size. */
  async heads(queues: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>> {
    if (queues.length === 0) return new Map();
    const steps = await this.#read(queues, { offset: 0, limit: 1 }, END_BYTES, signal);
    const perQueue = this.#names.prioritySteps.length;
    return new Map(
      queues.map((queue, at) => [
        queue,
        steps.slice(at * perQueue, (at + 1) * perQueue).flatMap(({ items }) => items.map(({ text }) => text)),
      ]),
    );
  }

  async #read(
    queues: readonly string[],
    { offset, limit }: { readonly offset: number; readonly limit: number },
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<readonly { readonly length: number; readonly items: readonly QueuedMessage[] }[]> {
    const keys = queues.flatMap((queue) => this.keysOf(queue));
    const reply = await this.#evaluate(
      [String(keys.length), ...keys, String(limit), String(maxBytes), String(END_BYTES), String(offset)],
      signal,
    );
    return listOf(reply).map((step, at) => {
      const [length, items] = listOf(step);
      return { length: countOf(length), items: messagesIn(listOf(items), maxBytes, this.#stepOf(at)) };
    });
  }

  async purge(
    queue: string,
    { atMost, dryRun }: { readonly atMost: number | null; readonly dryRun: boolean },
    signal: AbortSignal,
  ): Promise<{ readonly found: number; readonly removed: number }> {
    const keys = this.keysOf(queue);
    const limits = [dryRun ? '1' : '0', atMost === null ? '' : String(atMost)];
    const reply = listOf(await this.#link.call(['EVAL', PURGE, String(keys.length), ...keys, ...limits], signal));
    return { found: countOf(reply[0]), removed: countOf(reply[1]) };
  }

  /** In the order in which workers look at them. */
  keysOf(queue: string): readonly string[] {
    const { keyPrefix, prioritySteps, prioritySeparator } = this.#names;
    return prioritySteps.map((step) => `${keyPrefix}${step === 0 ? queue : `${queue}${prioritySeparator}${step}`}`);
  }

  #stepOf(at: number): number | null {
    const { prioritySteps } = this.#names;
    return prioritySteps[at % prioritySteps.length] ?? null;
  }

  /** By the command that may only read, so that access to read the keys is enough; servers older than 7 do not know it. */
  async #evaluate(words: readonly string[], signal: AbortSignal): Promise<unknown> {
    if (this.#readOnly) {
      try {
        return await this.#link.call(['EVAL_RO', PEEK, ...words], signal);
      } catch (error) {
        if (!/unknown command/i.test(messageOf(error))) throw error;
        this.#readOnly = false;
      }
    }
    return this.#link.call(['EVAL', PEEK, ...words], signal);
  }
}

function messagesIn(flat: readonly unknown[], maxBytes: number, priority: number | null): readonly QueuedMessage[] {
  const messages: QueuedMessage[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const [bytes, text] = [countOf(flat[at]), textOf(flat[at + 1]) ?? ''];
    messages.push({ bytes, text, whole: bytes <= maxBytes, priority });
  }
  return messages;
}
