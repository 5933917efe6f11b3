import cronParser, { type CronExpression } from 'cron-parser';

interface Counted {
  readonly expression: CronExpression;
  /** Runs due up to `next`, that one not included. */
  count: number;
  next: number;
}

/** Spent on counting in each second, all schedules together: one run costs a millisecond, and many in a calendar far from UTC. */
const MS_PER_SECOND = 20;
const MAX_KEPT = 1_000;

/**
 * How many runs of a cron pattern were due since a time, by the parser that Bull itself uses. Counted for some milliseconds at a time, and from
 * there at the next look; null until that has caught up, and for what is no pattern.
 */
export class CronRuns {
  readonly #counted = new Map<string, Counted | null>();
  readonly #monotonic: () => number;
  #second = 0;
  #spent = 0;

  constructor(monotonic: () => number = () => performance.now()) {
    this.#monotonic = monotonic;
  }

  /** The run at `from` is the first of them. */
  due(pattern: string, timeZone: string | null, from: number, now: number): number | null {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) [this.#second, this.#spent] = [second, 0];
    if (this.#spent >= MS_PER_SECOND) return null;
    const began = this.#monotonic();
    const counted = this.#of(pattern, timeZone, from);
    while (counted !== null && counted.next <= now && this.#spent + this.#monotonic() - began < MS_PER_SECOND) {
      counted.count += 1;
      counted.next = nextOf(counted.expression);
    }
    this.#spent += this.#monotonic() - began;
    return counted === null || counted.next <= now ? null : counted.count;
  }

  #of(pattern: string, timeZone: string | null, from: number): Counted | null {
    const key = `${from} ${timeZone ?? ''} ${pattern}`;
    const known = this.#counted.get(key);
    if (known !== undefined) return known;
    const made = begin(pattern, timeZone, from);
    this.#counted.set(key, made);
    if (this.#counted.size > MAX_KEPT) {
      for (const oldest of this.#counted.keys()) {
        this.#counted.delete(oldest);
        break;
      }
    }
    return made;
  }
}

function begin(pattern: string, timeZone: string | null, from: number): Counted | null {
  try {
    const options = { currentDate: from, ...(timeZone !== null && { tz: timeZone }) };
    const expression = cronParser.parseExpression(pattern, options);
    return { expression, count: 1, next: nextOf(expression) };
  } catch {
    // The library would refuse it too, or it has no further run.
    return null;
  }
}

function nextOf(expression: CronExpression): number {
  return expression.hasNext() ? expression.next().getTime() : Number.POSITIVE_INFINITY;
}
