import type { Clock } from '../../../core/clock.js';
import type { CeleryBroker, CeleryNames } from '../celery-settings.js';
import { AmqpTransport } from './amqp-transport.js';
import type { CeleryTransport } from './celery-transport.js';
import { RedisTransport } from './redis-transport.js';

export interface TransportParts {
  readonly broker: CeleryBroker;
  readonly names: CeleryNames;
  readonly clock: Clock;
}

/** The only switch on the kind of broker. */
export function createTransport({ broker, names, clock }: TransportParts): CeleryTransport {
  switch (broker.kind) {
    case 'redis':
      return new RedisTransport({ settings: broker.settings, names, clock });
    case 'amqp':
      return new AmqpTransport({ settings: broker.settings, names, clock });
    default: {
      const never: never = broker;
      return never;
    }
  }
}
