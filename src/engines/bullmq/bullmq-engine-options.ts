import type { Clock } from '../../core/clock.js';
import type { Source } from '../../core/source.js';
import type { RedisSettings } from '../redis/redis-settings.js';

export interface BullmqEngineOptions {
  readonly source: Source;
  readonly redis: RedisSettings;
  readonly clock: Clock;
  /** Takes secrets out of payloads, results and progress before anything else sees them. */
  readonly redact: (value: unknown) => unknown;
  /** Queues with these prefixes only. Empty: whatever prefix is found. */
  readonly prefixes?: readonly string[];
  readonly log: (level: 'info' | 'warn', message: string) => void;
}
