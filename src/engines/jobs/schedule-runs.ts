import { listOf, numberOf, textOf } from '../redis/redis-reply.js';
import type { CronRuns } from './cron-runs.js';
import { parseJson } from './parse-json.js';

/** A run that is so much overdue has not merely been waiting for a worker's timer. */
const GRACE_MS = 60_000;
const MAX_OPTIONS = 64 * 1024;

/** To be read of the job that stands for a schedule's next run. */
export const NEXT_RUN_FIELDS = ['timestamp', 'finishedOn', 'opts'] as const;

/** The job that stands for the next run. It was added when the run before it began. */
export interface NextRun {
  /** When the last run began; null where this one is the first. */
  readonly lastAt: number | null;
}

/** Answer of HMGET with NEXT_RUN_FIELDS; null where no job stands for the next run. */
export function readNextRun(reply: unknown): NextRun | null {
  const [timestamp, finishedOn, opts] = listOf(reply);
  if (typeof timestamp !== 'string' || finishedOn !== null) return null;
  return { lastAt: countOf(textOf(opts)) > 1 ? numberOf(timestamp) : null };
}

/** Number of the run, as both libraries keep it in the job's options: 1 for the first. */
function countOf(opts: string | null): number {
  const parsed = opts === null || opts.length > MAX_OPTIONS ? null : parseJson(opts);
  if (typeof parsed !== 'object' || parsed === null || !('repeat' in parsed)) return 0;
  const { repeat } = parsed;
  const count = typeof repeat === 'object' && repeat !== null && 'count' in repeat ? repeat.count : null;
  return numberOf(count) ?? 0;
}

/** When a schedule runs. */
export interface Rhythm {
  readonly nextAt: number;
  readonly cron: string | null;
  readonly everyMs: number | null;
  readonly timeZone: string | null;
}

/** How a schedule stands: overdue with no job for its next run, it will never run again by itself. */
export function standingOf(
  rhythm: Rhythm,
  nextRun: NextRun | null,
  now: number,
  cronRuns: CronRuns,
): Rhythm & { readonly lastAt: number | null; readonly missed: boolean; readonly missedRuns: number | null } {
  const missed = rhythm.nextAt < now - GRACE_MS && nextRun === null;
  return {
    ...rhythm,
    lastAt: nextRun?.lastAt ?? null,
    missed,
    missedRuns: missed ? missedRuns(rhythm, now, cronRuns) : 0,
  };
}

function missedRuns({ nextAt, cron, everyMs, timeZone }: Rhythm, now: number, cronRuns: CronRuns): number | null {
  if (everyMs !== null && everyMs > 0) return Math.floor((now - nextAt) / everyMs) + 1;
  return cron === null ? null : cronRuns.due(cron, timeZone, nextAt, now);
}
