import type { Clock } from '../core/clock.js';
import type { QueueEngine } from '../core/queue-engine.js';
import type { Source } from '../core/source.js';
import { BullEngine } from './bull/bull-engine.js';
import { BullmqEngine } from './bullmq/bullmq-engine.js';
import { type CeleryOverrides, createCeleryEngine } from './celery/create-celery-engine.js';
import { parseRedisUrl } from './redis/redis-url.js';

export interface EngineSettings {
  readonly source: Source;
  /** With credentials; never logged. */
  readonly url: string;
  readonly clock: Clock;
  /** Takes secrets out of payloads, results and progress before anything else sees them. */
  readonly redact: (value: unknown) => unknown;
  /** Bull and BullMQ: queues with these prefixes only. Empty or absent: any. */
  readonly prefixes?: readonly string[];
  /** Celery: what the application has changed from Celery's defaults. */
  readonly celery?: CeleryOverrides;
  /** Celery: told how long each question to the result backend took. */
  readonly resultLatency?: (operation: string, milliseconds: number) => void;
  readonly log: (level: 'info' | 'warn', message: string) => void;
}

/**
 * The engine of a source; nothing is connected before its `start`. The only switch on the engine's kind there is. Throws InvalidRequest
 * for a malformed URL.
 */
export function createEngine(settings: EngineSettings): QueueEngine {
  const { source, url, clock, redact, log } = settings;
  switch (source.engine) {
    case 'bull':
      return new BullEngine({
        source,
        redis: parseRedisUrl(url),
        clock,
        redact,
        log,
        prefixes: settings.prefixes ?? [],
      });
    case 'celery':
      return createCeleryEngine({
        source,
        url,
        clock,
        redact,
        overrides: settings.celery ?? {},
        resultLatency: settings.resultLatency ?? (() => undefined),
      });
    case 'bullmq':
      return new BullmqEngine({
        source,
        redis: parseRedisUrl(url),
        clock,
        redact,
        log,
        prefixes: settings.prefixes ?? [],
      });
    default: {
      const never: never = source.engine;
      return never;
    }
  }
}
