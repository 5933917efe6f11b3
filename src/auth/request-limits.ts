import type { IncomingMessage } from 'node:http';
import { networkOf } from '../core/client-network.js';
import { TooManyRequests } from '../core/errors.js';
import { clientAddress } from './client-address.js';
import { GcraLimiter, type Rate } from './gcra-limiter.js';
import { principalKey } from './principal.js';
import { knownGrants } from './request-access.js';

/** How much one caller may ask for. */
export interface LimitRules {
  /** Requests that only look, per minute. */
  readonly reads: number;
  /** Requests that change something, per minute. */
  readonly changes: number;
  /** Attempts to sign in, per minute and address. */
  readonly signIns: number;
  /** Streams open at the same time. */
  readonly streams: number;
}

export const DEFAULT_LIMITS: LimitRules = { reads: 6000, changes: 300, signIns: 10, streams: 10 };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/**
 * Wrong passwords for one name from everywhere together: slows down guessing from many addresses. High, and refilled all the time, because
 * whoever uses it up keeps the name's owner from signing in, too; sessions and tokens are not touched.
 */
const PER_NAME: Rate = { limit: 120, perMs: HOUR_MS };

/** Counts what callers ask for: by who they are, or by address where nobody has signed in. */
export class RequestLimits {
  readonly #reads: GcraLimiter;
  readonly #changes: GcraLimiter;
  readonly #signIns: GcraLimiter;
  readonly #names = new GcraLimiter(PER_NAME);

  constructor(rules: LimitRules) {
    this.#reads = new GcraLimiter({ limit: rules.reads, perMs: MINUTE_MS });
    this.#changes = new GcraLimiter({ limit: rules.changes, perMs: MINUTE_MS });
    this.#signIns = new GcraLimiter({ limit: rules.signIns, perMs: MINUTE_MS });
  }

  /** Errors of all: TooManyRequests. */
  read(request: IncomingMessage): void {
    take(this.#reads, callerKey(request), 'requests');
  }

  change(request: IncomingMessage): void {
    take(this.#changes, callerKey(request), 'changes');
  }

  signIn(request: IncomingMessage): void {
    take(this.#signIns, networkOf(clientAddress(request)), 'attempts to sign in');
  }

  signInAs(name: string): void {
    take(this.#names, name.toLowerCase(), 'attempts to sign in under this name');
  }
}

/** Who asks: the principal, or the address where nobody has signed in or everybody is the same. */
export function callerKey(request: IncomingMessage): string {
  const principal = knownGrants(request)?.principal ?? null;
  return principal === null || principal.kind === 'local' ? networkOf(clientAddress(request)) : principalKey(principal);
}

function take(limiter: GcraLimiter, key: string, what: string): void {
  const wait = limiter.take(key);
  if (wait === 0) return;
  const seconds = Math.ceil(wait / 1000);
  throw new TooManyRequests(`expected fewer ${what}; try again in ${seconds} s`, { retry_after_seconds: seconds });
}
