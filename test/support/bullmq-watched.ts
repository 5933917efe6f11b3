import { SystemClock } from '../../src/core/clock.js';
import { BullmqEngine } from '../../src/engines/bullmq/bullmq-engine.js';
import type { BullmqEngineOptions } from '../../src/engines/bullmq/bullmq-engine-options.js';
import { parseRedisUrl, redactUrl } from '../../src/engines/redis/redis-url.js';

/** An engine on that Redis, not started yet. */
export function bullmqEngine(url: string, options: Partial<BullmqEngineOptions> = {}): BullmqEngine {
  return new BullmqEngine({
    source: { name: 'test', engine: 'bullmq', location: redactUrl(url) },
    redis: parseRedisUrl(url),
    clock: new SystemClock(),
    redact: (value) => value,
    log: () => undefined,
    ...options,
  });
}
