import type { RedisSettings } from '../redis/redis-settings.js';

/** Where the messages are. */
export type CeleryBroker =
  | { readonly kind: 'redis'; readonly settings: RedisSettings }
  | { readonly kind: 'amqp'; readonly settings: AmqpSettings };

export interface AmqpSettings {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly virtualHost: string;
  readonly tls: AmqpTls | null;
  /** Seconds between heartbeats; a silent connection is given up within three. */
  readonly heartbeatSeconds: number;
}

export interface AmqpTls {
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
  readonly serverName: string | null;
  readonly verify: boolean;
}

/** What a Celery application may have changed about the names of things. The defaults are Celery's own. */
export interface CeleryNames {
  /** `control_exchange`. */
  readonly controlExchange: string;
  /** `event_exchange`. */
  readonly eventExchange: string;
  /** RabbitMQ: a durable queue of our own, in which events wait while we are away; null: none. */
  readonly eventQueue: string | null;
  /** Redis: `broker_transport_options.global_keyprefix`. */
  readonly keyPrefix: string;
  /** Redis: `fanout_prefix` as a string; null is the default `/{db}.`, and '' is `fanout_prefix=False`. */
  readonly fanoutPrefix: string | null;
  /** Redis: `priority_steps`. */
  readonly prioritySteps: readonly number[];
  /** Redis: `sep`. */
  readonly prioritySeparator: string;
  /** Redis: `unacked_key`. */
  readonly unackedKey: string;
  /** Of the result backend: `result_backend_transport_options.global_keyprefix`. */
  readonly resultPrefix: string;
}

export const DEFAULT_NAMES: CeleryNames = Object.freeze({
  controlExchange: 'celery',
  eventExchange: 'celeryev',
  eventQueue: null,
  keyPrefix: '',
  fanoutPrefix: null,
  prioritySteps: Object.freeze([0, 3, 6, 9]),
  prioritySeparator: '\x06\x16',
  unackedKey: 'unacked',
  resultPrefix: '',
});
