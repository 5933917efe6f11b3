import type { LoggerService } from '@nestjs/common';
import type { BrokerSetting } from './config/broker-setting.js';
import { SettingsError } from './config/settings-error.js';
import type { Settings } from './config/settings-schema.js';
import type { Clock } from './core/clock.js';
import { InvalidRequest } from './core/errors.js';
import type { Redactor } from './core/redaction.js';
import { createEngine } from './engines/create-engine.js';
import { EngineDetector } from './engines/engine-detector.js';
import { engineOfUrl } from './engines/engine-of-url.js';
import { redactUrl } from './engines/redis/redis-url.js';
import { BrokerWatch, type WatchedBroker } from './queue-inspector/broker-watch.js';
import type { QueueInspector } from './queue-inspector/queue-inspector.js';

export interface WatchParts {
  readonly inspector: QueueInspector;
  readonly clock: Clock;
  readonly redact: Redactor;
  /** The result backend of a source took this long to answer. */
  readonly resultLatency: (source: string, operation: string, milliseconds: number) => void;
  readonly log: Pick<LoggerService, 'log' | 'warn'>;
}

/** Another engine may join a broker at any time; whoever brings one waits at most this long to see it. */
const DETECT_AGAIN_MS = 30_000;

/** Begins to watch every configured broker. Throws SettingsError for a URL that no engine can read; a broker that is away is no error. */
export function watchBrokers(
  brokers: readonly BrokerSetting[],
  inspection: Settings['inspection'],
  parts: WatchParts,
): readonly BrokerWatch[] {
  return brokers.map((setting, at) => {
    try {
      const watch = new BrokerWatch(watched(setting, parts), {
        inspector: parts.inspector,
        clock: parts.clock,
        retryMs: inspection.discoveryMs,
        againMs: DETECT_AGAIN_MS,
        deadlineMs: inspection.deadlineMs,
        log: (message) => parts.log.log(message),
      });
      watch.start();
      return watch;
    } catch (error) {
      if (error instanceof InvalidRequest) throw new SettingsError([`brokers.${at}: ${error.message}`]);
      throw error;
    }
  });
}

function watched(setting: BrokerSetting, { clock, redact, log, resultLatency }: WatchParts): WatchedBroker {
  const detector = new EngineDetector(setting.url, clock);
  return {
    location: redactUrl(setting.url),
    name: setting.name ?? null,
    engine: setting.engine ?? engineOfUrl(setting.url),
    detect: (signal, found) => detector.detect(signal, found),
    sawAll: () => detector.sawAll,
    create: (source) =>
      createEngine({
        source,
        url: setting.url,
        clock,
        redact,
        prefixes: setting.prefixes ?? [],
        celery: setting.celery ?? {},
        resultLatency: (operation, milliseconds) => resultLatency(source.name, operation, milliseconds),
        log: (level, message) => (level === 'warn' ? log.warn(message) : log.log(message)),
      }),
  };
}
