import type { IncomingMessage, ServerResponse } from 'node:http';
import { TooManyRequests } from '../core/errors.js';
import type { AccessPolicy } from './access-policy.js';
import type { Permission } from './permission.decorator.js';
import { callerKey } from './request-limits.js';

const LOOK_AGAIN_MS = 10_000;

/** Streams that are open, per caller. */
export class StreamSlots {
  readonly #limit: number;
  readonly #lookAgainMs: number;
  readonly #open = new Map<string, number>();

  constructor(limit: number, lookAgainMs = LOOK_AGAIN_MS) {
    this.#limit = limit;
    this.#lookAgainMs = lookAgainMs;
  }

  /**
   * Holds a slot until the response is over. While it is open its caller is looked at again: a session that has ended, or a token that was
   * revoked, ends the stream. Errors: TooManyRequests.
   */
  hold(
    request: IncomingMessage,
    response: ServerResponse,
    { policy, permission }: { readonly policy: AccessPolicy; readonly permission: Permission | null },
  ): void {
    const key = callerKey(request);
    const open = this.#open.get(key) ?? 0;
    if (open >= this.#limit) {
      throw new TooManyRequests(`expected at most ${this.#limit} open streams, found ${open}`, {
        retry_after_seconds: 5,
      });
    }
    this.#open.set(key, open + 1);
    const looking = setInterval(() => {
      const grants = policy.grantsOf(request);
      const good = grants.invalid === undefined && (permission === null || grants.permissions.has(permission));
      if (!good) response.destroy();
    }, this.#lookAgainMs);
    response.once('close', () => {
      clearInterval(looking);
      const left = (this.#open.get(key) ?? 1) - 1;
      if (left > 0) this.#open.set(key, left);
      else this.#open.delete(key);
    });
  }
}
