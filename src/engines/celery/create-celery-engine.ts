import type { Clock } from '../../core/clock.js';
import type { Redactor } from '../../core/redaction.js';
import type { Source } from '../../core/source.js';
import { CeleryEngine } from './celery-engine.js';
import { type CeleryNames, DEFAULT_NAMES } from './celery-settings.js';
import { parseCeleryUrl } from './celery-url.js';
import type { LatencyListener } from './result-backend.js';
import { parseResultStore } from './result-store.js';

/** What an application has changed from Celery's defaults; whatever is missing is the default. */
export interface CeleryOverrides {
  readonly names?: Partial<CeleryNames>;
  /** URL of the result backend, as Celery writes it; found out from the workers where it is on the broker's own server. */
  readonly results?: string;
  /** False: only listen, publish nothing. */
  readonly control?: boolean;
  /** After how long a worker that takes none of the work that waits for it has stalled; 30 where it is missing. */
  readonly stalledSeconds?: number;
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
    ...(overrides.stalledSeconds === undefined ? {} : { stalledAfterMs: overrides.stalledSeconds * 1000 }),
    results: overrides.results === undefined ? null : parseResultStore(overrides.results),
    resultLatency,
  });
}
