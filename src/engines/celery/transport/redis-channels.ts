import type { RedisSettings } from '../../redis/redis-settings.js';
import type { CeleryNames } from '../celery-settings.js';

export interface CeleryChannels {
  /** To subscribe to: with and without a pattern in the channel's name. */
  readonly events: readonly string[];
  /** Commands to all workers are published there. */
  readonly control: string;
}

/** Where kombu's fan-out exchanges are in Redis. Behind a Sentinel, old kombu forgets to fill in the database. */
export function celeryChannels(names: CeleryNames, settings: RedisSettings): CeleryChannels {
  const fanout = `${names.keyPrefix}${names.fanoutPrefix ?? `/${settings.database}.`}`;
  const both = (prefix: string): readonly string[] => {
    const channel = escapeGlob(`${prefix}${names.eventExchange}`);
    return [channel, `${channel}/*`];
  };
  const unfilled =
    settings.topology.kind === 'sentinel' && names.fanoutPrefix === null ? both(`${names.keyPrefix}/{db}.`) : [];
  return { events: [...both(fanout), ...unfilled], control: `${fanout}${names.controlExchange}.pidbox` };
}

/** For MATCH and PSUBSCRIBE. */
export function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}
