import { InvalidRequest } from '../../core/errors.js';
import type { RedisSettings } from '../redis/redis-settings.js';
import { redactUrl } from '../redis/redis-url.js';
import { parseCeleryUrl } from './celery-url.js';

/** Where an application keeps its results, as far as they can be read. */
export type ResultStore =
  | { readonly kind: 'redis'; readonly settings: RedisSettings }
  /** With credentials; never logged. */
  | { readonly kind: 'postgres'; readonly url: string }
  | { readonly kind: 'sqlite'; readonly file: string };

const DATABASE = /^(?:db\+)?(postgres(?:ql)?|sqlite)(?:\+\w+)?:\/\/(.*)$/s;

/**
 * Reads `result_backend` as Celery writes it: a Redis, or SQLAlchemy's `db+postgresql+psycopg2://user:password@host/database` and
 * `db+sqlite:////path/of/file` (with three slashes, a path from where the service was started). Throws InvalidRequest.
 */
export function parseResultStore(url: string): ResultStore {
  const [, database, rest = ''] = DATABASE.exec(url) ?? [];
  if (database === 'sqlite') {
    const file = rest.replace(/^\//, '').replace(/\?.*$/s, '');
    if (file !== '') return { kind: 'sqlite', file };
  } else if (database !== undefined) {
    return { kind: 'postgres', url: `postgresql://${rest}` };
  } else {
    const parsed = parseCeleryUrl(url);
    if (parsed.kind === 'redis') return parsed;
  }
  throw new InvalidRequest(
    'Result backend: expected the URL of a Redis, db+postgresql://… or db+sqlite:////…, for results that are sent as messages can be read by ' +
      `their client alone; found ${redactUrl(url)}`,
  );
}
