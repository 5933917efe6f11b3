import type { RedisCommand, RedisLink } from '../../redis/redis-link.js';
import { countOf, listOf, textOf, textsOf } from '../../redis/redis-reply.js';
import { scanKeys } from '../../redis/scan-keys.js';
import type { CeleryNames } from '../celery-settings.js';
import type { QueueDepth } from './celery-transport.js';
import { escapeGlob } from './redis-channels.js';

/** kombu's separator of the parts of a binding; the same bytes as the usual separator of priorities, but not configurable. */
const BINDING_SEPARATOR = '\x06\x16';
const BINDINGS = '_kombu.binding.';
/** A queue of its own has a binding of its own, which only a walk through the key space finds. */
const SCAN_EVERY_MS = 3_000;
/** A walk that took long is repeated that many times less often: its share of Redis's time stays the same. */
const REST_PER_SCAN = 20;
const LONGEST_SCAN_MS = 60_000;
const MAX_EXCHANGES = 1_000;
/** More than this in the hash of unacknowledged messages is not looked at: each entry holds a whole message. */
const MAX_UNACKED = 1_000;
const MAX_UNACKED_BYTES = 2 * 1024 * 1024;
const UNACKED_EVERY_MS = 5_000;
/** After the message itself, the entry ends with the exchange and the routing key. */
const UNACKED_END = /"((?:[^"\\]|\\.)*)", "((?:[^"\\]|\\.)*)"\]$/;

/** What Redis knows of Celery's queues: a list per queue and priority step, sets of bindings, one hash of what workers hold. */
export class RedisQueues {
  readonly #link: RedisLink;
  readonly #names: CeleryNames;
  readonly #now: () => number;
  readonly #exchanges = new Set(['celery']);
  #scanAgainAt = Number.NEGATIVE_INFINITY;
  #scanning: Promise<void> | null = null;
  #unacked: { readonly at: number; readonly byKey: ReadonlyMap<string, number> | null } | null = null;

  constructor(link: RedisLink, names: CeleryNames, now: () => number) {
    this.#link = link;
    this.#names = names;
    this.#now = now;
  }

  /** Members of all bindings known so far; a walk through the key space, in small steps and in the background, finds more. */
  async known(signal: AbortSignal): Promise<readonly string[]> {
    if (this.#scanning === null && this.#now() > this.#scanAgainAt) {
      const began = this.#now();
      this.#scanning = this.#scan().finally(() => {
        this.#scanning = null;
        this.#scanAgainAt = this.#now() + Math.max(SCAN_EVERY_MS, REST_PER_SCAN * (this.#now() - began));
      });
    }
    const commands = [...this.#exchanges].map(
      (exchange): RedisCommand => ['SMEMBERS', `${this.#names.keyPrefix}${BINDINGS}${exchange}`],
    );
    const replies = await this.#link.batch(commands, signal);
    const queues = new Set<string>();
    for (const member of replies.flatMap((reply) => textsOf(reply))) {
      const queue = member.split(BINDING_SEPARATOR)[2];
      if (queue) queues.add(queue);
    }
    return [...queues];
  }

  /** One round trip: one LLEN per priority step. Now and then the unacknowledged messages are counted, at most a thousand. */
  async depths(queues: readonly string[], signal: AbortSignal): Promise<readonly QueueDepth[]> {
    const { keyPrefix, prioritySteps, prioritySeparator } = this.#names;
    const commands = queues.flatMap((queue) =>
      prioritySteps.map((step): RedisCommand => {
        const key = step === 0 ? queue : `${queue}${prioritySeparator}${step}`;
        return ['LLEN', `${keyPrefix}${key}`];
      }),
    );
    const replies = await this.#link.batch(commands, signal);
    const unacked = await this.#countUnacked(signal);
    return queues.map((name, at) => {
      const byPriority = prioritySteps.map((priority, step) => ({
        priority,
        length: countOf(replies[at * prioritySteps.length + step]),
      }));
      return {
        name,
        length: byPriority.reduce((sum, { length }) => sum + length, 0),
        byPriority,
        unacknowledged: unacked === null ? null : (unacked.get(name) ?? 0),
        consumers: null,
      };
    });
  }

  /** Messages in workers' hands by routing key, which for Celery's own queues is their name; null where there are too many to look at. */
  async #countUnacked(signal: AbortSignal): Promise<ReadonlyMap<string, number> | null> {
    if (this.#unacked !== null && this.#now() - this.#unacked.at < UNACKED_EVERY_MS) return this.#unacked.byKey;
    const key = `${this.#names.keyPrefix}${this.#names.unackedKey}`;
    const total = countOf(await this.#link.call(['HLEN', key], signal));
    const byKey = total > MAX_UNACKED ? null : await this.#readUnacked(key, total, signal);
    this.#unacked = { at: this.#now(), byKey };
    return byKey;
  }

  async #readUnacked(key: string, total: number, signal: AbortSignal): Promise<ReadonlyMap<string, number> | null> {
    const routingKeys = new Map<string, string>();
    let cursor = '0';
    let bytes = 0;
    if (total === 0) return new Map();
    do {
      const reply = listOf(await this.#link.call(['HSCAN', key, cursor, 'COUNT', '20'], signal));
      cursor = textOf(reply[0]) ?? '0';
      const flat = textsOf(reply[1]);
      for (let at = 0; at + 1 < flat.length; at += 2) {
        const [tag = '', entry = ''] = [flat[at], flat[at + 1]];
        bytes += entry.length;
        routingKeys.set(tag, UNACKED_END.exec(entry.slice(-1_000))?.[2] ?? '');
      }
      if (bytes > MAX_UNACKED_BYTES) return null;
    } while (cursor !== '0');
    const counts = new Map<string, number>();
    for (const routingKey of routingKeys.values()) counts.set(routingKey, (counts.get(routingKey) ?? 0) + 1);
    return counts;
  }

  async #scan(): Promise<void> {
    const prefix = `${this.#names.keyPrefix}${BINDINGS}`;
    const match = `${escapeGlob(prefix)}*`;
    const signal = AbortSignal.timeout(LONGEST_SCAN_MS);
    try {
      for await (const keys of scanKeys(this.#link, { match, type: 'set', count: 500, pauseMs: 5, signal })) {
        for (const key of keys) {
          const exchange = key.slice(prefix.length);
          if (isPlumbing(exchange, this.#names) || this.#exchanges.size >= MAX_EXCHANGES) continue;
          this.#exchanges.add(exchange);
        }
      }
    } catch {
      // The walk is an extra, soon repeated; a broken link is told by the link itself.
    }
  }
}

/** Exchanges of events, commands and answers, whose "queues" are nobody's tasks. */
function isPlumbing(exchange: string, names: CeleryNames): boolean {
  return exchange === names.eventExchange || exchange.endsWith('.pidbox') || exchange === 'celeryev';
}
