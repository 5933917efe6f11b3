import type { Clock } from '../core/clock.js';
import { currentScope } from '../core/scope.js';
import type { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { LiveFeed, type LiveOptions } from './live-feed.js';

/**
 * One feed for all who may see the same, so that nobody hears of what lies outside his scope. A feed runs in the scope of whoever has opened
 * it first: timers and listeners begun there see no more. Kept while somebody reads, and its ids are its own.
 */
export class LiveFeeds {
  readonly #feeds = new Map<string, LiveFeed>();

  constructor(
    private readonly inspector: QueueInspector,
    private readonly clock: Clock,
    private readonly options: LiveOptions,
  ) {}

  /** The feed of the current caller's scope. */
  current(): LiveFeed {
    const { sources, queues } = currentScope();
    const key = JSON.stringify([sources, queues]);
    for (const [other, feed] of this.#feeds) if (feed.readers === 0 && other !== key) this.#feeds.delete(other);
    const known = this.#feeds.get(key);
    if (known !== undefined) return known;
    const made = new LiveFeed(this.inspector, this.clock, this.options);
    this.#feeds.set(key, made);
    return made;
  }
}
