import type { Clock } from '../../core/clock.js';
import { InvalidRequest } from '../../core/errors.js';
import type { Redactor } from '../../core/redaction.js';
import type { Source } from '../../core/source.js';
import type { RedisSettings } from '../redis/redis-settings.js';
import { CeleryEngine } from './celery-engine.js';
import { type CeleryNames, DEFAULT_NAMES } from './celery-settings.js';
import { parseCeleryUrl } from './celery-url.js';
import type { LatencyListener } from './result-backend.js';

/** What an application has changed from Celery's defaults; whatever is missing is the default. */
export interface CeleryOverrides {
  readonly names?: Partial<CeleryNames>;
  /** URL of a Redis result backend; found out from the workers where it is on the broker's own server. */
  readonly results?: string;
  /** False: only listen, publish nothing. */
  readonly control?: boolean;
  /** Names of tasks that may be sent; none where it is missing. */
  readonly sendable?: readonly string[];
}

export interface CeleryEngineRequest {
  readonly source: Source;
  /** With credentials; never logged. */
  readonly url: string;
  readonly clock: Clock;
  readonly redact: Redactor;
  readonly overrides: CeleryOverrides;
  readonly resultLatency: LatencyListener;
}

/** Throws InvalidRequest for a malformed URL. */
export function createCeleryEngine(request: CeleryEngineRequest): CeleryEngine {
  const { source, clock, redact, overrides, resultLatency } = request;
  return new CeleryEngine({
    source,
    broker: parseCeleryUrl(request.url),
    names: { ...DEFAULT_NAMES, ...overrides.names },
    clock,
    redact,
    control: overrides.control ?? true,
    sendable: overrides.sendable ?? [],
    results: overrides.results === undefined ? null : redisResults(overrides.results),
    resultLatency,
  });
}

function redisResults(url: string): RedisSettings {
  const parsed = parseCeleryUrl(url);
  if (parsed.kind === 'redis') return parsed.settings;
  throw new InvalidRequest(
    'Result backend: expected the URL of a Redis; results that are sent as messages can be read by their client alone',
  );
}
