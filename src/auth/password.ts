import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { TooManyRequests } from '../core/errors.js';

export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** OWASP's advice for scrypt with 32 MiB each: N = 2^15, r = 8, p = 3. Takes 0.1 to 0.3 s on a small server. */
const COST: ScryptCost = { N: 32_768, r: 8, p: 3 };
const MAX_MEMORY = 128 * 1024 * 1024;
const LENGTH = 32;
/** Hashes at the same time: each takes a thread and its memory, and sign-ins must not starve the rest. */
const AT_ONCE = 2;
const MAX_WAITING = 32;

const FORMAT = /^scrypt\$(\d{4,7})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9_-]{16,86})\$([A-Za-z0-9_-]{43})$/;

/** `scrypt$N$r$p$salt$hash`, for the settings. */
export async function hashPassword(password: string, cost: ScryptCost = COST): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, cost);
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** Of a password that nobody has. */
const NOBODY = `scrypt$${COST.N}$${COST.r}$${COST.p}$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/** What a comparison costs: all of its time goes here. */
export type Derive = (password: string, salt: Buffer, cost: ScryptCost) => Promise<Buffer>;

/** Compares passwords, a few at a time. */
export class PasswordChecker {
  readonly #nobody: string;
  readonly #derive: Derive;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** A user who does not exist costs the same time as this hash: one of those that users have. */
  constructor(like: string = NOBODY, work: Derive = derive) {
    this.#nobody = like;
    this.#derive = work;
  }

  /** `stored` is null for a user who does not exist: the answer is false, and takes as long. Errors: TooManyRequests. */
  async matches(password: string, stored: string | null): Promise<boolean> {
    await this.#turn();
    try {
      const same = await this.#compare(password, stored ?? this.#nobody);
      return stored !== null && same;
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #compare(password: string, stored: string): Promise<boolean> {
    const [, n, r, p, salt, hash] = FORMAT.exec(stored) ?? [];
    if (salt === undefined || hash === undefined)
      throw new Error('expected a password hash made by taskscope hash-password');
    const cost = { N: Number(n), r: Number(r), p: Number(p) };
    const found = await this.#derive(password, Buffer.from(salt, 'base64url'), cost);
    return timingSafeEqual(found, Buffer.from(hash, 'base64url'));
  }

  async #turn(): Promise<void> {
    if (this.#running >= AT_ONCE) {
      if (this.#waiting.length >= MAX_WAITING)
        throw new TooManyRequests('expected fewer sign-ins at once', { retry_after_seconds: 5 });
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running += 1;
  }
}

function derive(password: string, salt: Buffer, cost: ScryptCost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, LENGTH, { ...cost, maxmem: MAX_MEMORY }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}
