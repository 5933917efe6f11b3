import type { TaskFact } from './protocol.js';
import type { EncodedResult } from './task-result.js';
import { Totals } from './totals.js';

const MAX_FACTS = 10_000;
const MAX_CHARACTERS = 4 * 1024 * 1024;
const MAX_BATCH_FACTS = 100;
const MAX_BATCH_CHARACTERS = 256 * 1024;

export type UnnumberedFact = Omit<TaskFact, 'seq' | 'result' | 'resultBytes'>;

interface Line {
  readonly seq: number;
  readonly json: string;
}

/** Facts on their way into one stream entry. */
export interface Batch {
  readonly lines: readonly Line[];
  /** JSON of TaskFact[]. */
  readonly body: string;
}

/**
 * Facts that Redis has not confirmed yet, already as JSON and bounded both in number and in size. When Redis is away for long the oldest
 * are dropped: their numbers are then missing from the stream, and the totals, which count every fact, tell what they were.
 */
export class Outbox {
  readonly totals = new Totals();
  #lines: Line[] = [];
  #characters = 0;
  #seq = 0;
  #dropped = 0;

  /** The number of the last fact recorded. */
  get seq(): number {
    return this.#seq;
  }

  get size(): number {
    return this.#lines.length;
  }

  get dropped(): number {
    return this.#dropped;
  }

  record(fact: UnnumberedFact, result: EncodedResult): void {
    this.#seq += 1;
    this.totals.count(fact);
    const head = JSON.stringify({ seq: this.#seq, ...fact, resultBytes: result.bytes });
    // The result is already JSON: it is put in as it is rather than parsed and written again.
    const json = result.json === null ? head : `${head.slice(0, -1)},"result":${result.json}}`;
    this.#lines.push({ seq: this.#seq, json });
    this.#characters += json.length;
    this.#dropOldest();
  }

  /** Takes out the oldest facts up to number `upTo`, as many as one stream entry should hold; null when there are none. */
  take(upTo: number): Batch | null {
    let count = 0;
    let characters = 0;
    for (const line of this.#lines) {
      const full = count === MAX_BATCH_FACTS || (count > 0 && characters + line.json.length > MAX_BATCH_CHARACTERS);
      if (line.seq > upTo || full) break;
      count += 1;
      characters += line.json.length;
    }
    if (count === 0) return null;

    const lines = this.#lines.splice(0, count);
    this.#characters -= characters;
    return { lines, body: `[${lines.map((line) => line.json).join(',')}]` };
  }

  /** A batch that Redis did not confirm will be sent again, under the same numbers. */
  putBack(batch: Batch): void {
    this.#lines = [...batch.lines, ...this.#lines];
    for (const line of batch.lines) this.#characters += line.json.length;
    this.#dropOldest();
  }

  #dropOldest(): void {
    if (this.#lines.length <= MAX_FACTS && this.#characters <= MAX_CHARACTERS) return;
    // A tenth at a time, so that a long outage does not shift the array for every fact.
    let count = 0;
    while (
      count < this.#lines.length &&
      (this.#lines.length - count > MAX_FACTS * 0.9 || this.#characters > MAX_CHARACTERS * 0.9)
    ) {
      this.#characters -= this.#lines[count]?.json.length ?? 0;
      count += 1;
    }
    this.#lines.splice(0, count);
    this.#dropped += count;
  }
}
