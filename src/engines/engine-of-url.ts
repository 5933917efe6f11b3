import type { EngineKind } from '../core/source.js';
import { isCeleryUrl } from './celery/celery-url.js';
import { parseRedisUrl } from './redis/redis-url.js';

/**
 * The engine that a URL can only mean, such as Celery for amqp://; null where it has to be found out. Throws InvalidRequest for a URL that no
 * engine can read.
 */
export function engineOfUrl(url: string): EngineKind | null {
  if (isCeleryUrl(url)) return 'celery';
  parseRedisUrl(url);
  return null;
}
