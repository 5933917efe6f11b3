import type { EngineKind } from '../core/source.js';
import { bullAccess } from './bull/bull-access.js';
import { bullmqAccess } from './bullmq/bullmq-access.js';
import { celeryAccess, rabbitPermissions } from './celery/celery-access.js';
import { type CeleryNames, DEFAULT_NAMES } from './celery/celery-settings.js';
import { parseCeleryUrl } from './celery/celery-url.js';
import { type AccessNeed, CONNECTION_NEED, DETECTION_NEED } from './redis/redis-access.js';
import { parseRedisUrl } from './redis/redis-url.js';

export interface AccessRequest {
  readonly engine: EngineKind;
  readonly url: string;
  readonly prefixes: readonly string[];
  readonly names: Partial<CeleryNames>;
  /** Celery: whether anything is published to workers. */
  readonly control: boolean;
}

/** What one source needs of its broker. */
export type SourceAccess =
  | { readonly broker: 'redis'; readonly needs: readonly AccessNeed[] }
  | { readonly broker: 'rabbitmq'; readonly permissions: ReturnType<typeof rabbitPermissions> };

/** Throws InvalidRequest for a malformed URL. */
export function accessOf({ engine, url, prefixes, names, control }: AccessRequest): SourceAccess {
  const celeryNames = { ...DEFAULT_NAMES, ...names };
  if (engine === 'celery') {
    const broker = parseCeleryUrl(url);
    if (broker.kind === 'amqp') return { broker: 'rabbitmq', permissions: rabbitPermissions(celeryNames) };
    return redis(celeryAccess(celeryNames, broker.settings, control));
  }
  const { database } = parseRedisUrl(url);
  return redis(engine === 'bull' ? bullAccess(prefixes, database) : bullmqAccess(prefixes, database));
}

function redis(needs: readonly AccessNeed[]): SourceAccess {
  return { broker: 'redis', needs: [CONNECTION_NEED, DETECTION_NEED, ...needs] };
}
