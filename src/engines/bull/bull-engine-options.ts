import type { Clock } from '../../core/clock.js';
import type { Source } from '../../core/source.js';
import type { RedisSettings } from '../redis/redis-settings.js';

export interface BullEngineOptions {
  readonly source: Source;
  readonly redis: RedisSettings;
  readonly clock: Clock;
  /** Takes secrets out of payloads, results and progress before anything else sees them. */
  readonly redact: (value: unknown) => unknown;
  /** Queues with these prefixes only. Empty: whatever prefix is found; then the first part of a key is the prefix. */
  readonly prefixes?: readonly string[];
  readonly log: (level: 'info' | 'warn', message: string) => void;
}
