import { NotSupported } from '../../../core/errors.js';
import type { Refusal } from '../../../core/task-action.js';
import { failureOf } from '../../redis/redis-failure.js';

export interface LibraryRefusal {
  readonly refusal: Refusal;
  readonly message: string;
}

/** What the access rules of Redis forbid, the engine cannot do; anything else is given back as it is. */
export function deniedOr(error: unknown, feature: string, denied: (feature: string) => void): unknown {
  if (failureOf(error) !== 'denied') return error;
  denied(feature);
  return new NotSupported(`The access rules of Redis deny ${feature}.`, {}, { cause: error });
}
