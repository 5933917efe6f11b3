import cronParser from 'cron-parser';
import type { ConfiguredSchedule } from '../../core/configured-schedule.js';
import type { BeatEntry } from './beat-entries.js';

/** Spent on calendars at each look, all entries together: a run costs a millisecond, a date that never comes some hundred. */
const MS_PER_LOOK = 20;
const MAX_KEPT = 2_000;

/** What the workers' applications want beat to send. Every worker of an application tells the same; two applications may use one key for two tasks. */
export class BeatSchedule {
  /** When a pattern names its next time; infinity where it never does. */
  readonly #next = new Map<string, number>();

  /** `now` in epoch milliseconds. */
  of(told: readonly (readonly BeatEntry[])[], now: number): readonly ConfiguredSchedule[] {
    const began = performance.now();
    const found = new Map<string, ConfiguredSchedule>();
    for (const entry of told.flat()) {
      const known = found.get(entry.key);
      const id = known === undefined || known.name === entry.task ? entry.key : `${entry.key} (${entry.task})`;
      if (found.has(id)) continue;
      const { task: name, queue, cron, everyMs, told, timeZone } = entry;
      const nextAt = this.#nextAt(entry, now, performance.now() - began < MS_PER_LOOK);
      found.set(id, { id, name, queue, cron, everyMs, told, timeZone, nextAt });
    }
    return [...found.values()];
  }

  /** null where it is not to be computed, or not yet. */
  #nextAt({ cron, timeZone }: BeatEntry, now: number, mayCompute: boolean): number | null {
    if (cron === null || timeZone === null || isBothDays(cron)) return null;
    const pattern = `${timeZone} ${cron}`;
    const known = this.#next.get(pattern);
    if (known !== undefined && known > now) return Number.isFinite(known) ? known : null;
    if (!mayCompute) return null;
    const next = nextOf(cron, timeZone, now);
    if (this.#next.size >= MAX_KEPT) this.#next.clear();
    this.#next.set(pattern, next ?? Number.POSITIVE_INFINITY);
    return next;
  }
}

/** Celery wants both days to fit, every other cron one of them. */
function isBothDays(cron: string): boolean {
  const [, , ofMonth = '*', , ofWeek = '*'] = cron.split(' ');
  return ofMonth !== '*' && ofWeek !== '*';
}

function nextOf(cron: string, timeZone: string, now: number): number | null {
  try {
    return cronParser.parseExpression(cron, { currentDate: now, tz: timeZone }).next().getTime();
  } catch {
    // A way of writing that only Celery knows, or a date that never comes: when it runs is then not known.
    return null;
  }
}
