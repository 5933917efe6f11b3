import { type PipeTransform } from '@nestjs/common';
import { InvalidRequest } from '../core/errors.js';

/** A path parameter that goes on to a broker as it is: any text, but not an unbounded one. */
export class BoundedText implements PipeTransform<unknown, string> {
  readonly #what: string;
  readonly #maxLength: number;

  constructor(what: string, maxLength = 1024) {
    this.#what = what;
    this.#maxLength = maxLength;
  }

  transform(value: unknown): string {
    if (typeof value === 'string' && value.length > 0 && value.length <= this.#maxLength) return value;
    const found = typeof value === 'string' ? `${value.length}` : 'none';
    throw new InvalidRequest(`expected ${this.#what} of 1 to ${this.#maxLength} characters, found ${found}`);
  }
}
