import { createHash } from 'node:crypto';
import type { Schedule } from '../../core/queue.js';
import type { CronRuns } from '../jobs/cron-runs.js';
import { type NextRun, standingOf } from '../jobs/schedule-runs.js';
import type { BullQueue } from './bull-queue.js';

export interface RepeatEntry {
  /** Member of the `repeat` set: `name:jobId:endDate:tz:cron` or `name:jobId:endDate:everyMs`, empty parts kept. */
  readonly member: string;
  readonly nextAt: number;
}

/**
 * Reads a repeat key from its end, so that a name with colons stays whole (Bull itself splits it from the left and loses it). A cron
 * expression has blanks and no colon; an interval is a number.
 */
export function readRepeat(
  queue: BullQueue,
  { member, nextAt }: RepeatEntry,
  nextRun: NextRun | null,
  now: number,
  cronRuns: CronRuns,
): Schedule {
  const parts = member.split(':');
  const last = parts[parts.length - 1] ?? '';
  const every = /^\d+$/.test(last) ? Number(last) : null;
  const tail = every === null ? 4 : 3;
  const name = parts.slice(0, Math.max(1, parts.length - tail)).join(':');
  return {
    id: member,
    name: queue.taskName(name),
    ...standingOf(
      {
        nextAt,
        cron: every === null ? last : null,
        everyMs: every,
        timeZone: every === null ? parts[parts.length - 2] || null : null,
      },
      nextRun,
      now,
      cronRuns,
    ),
  };
}

/** Id of the job that stands for the next run. The parts are Bull's own: name and job id, then a hash of the whole key. */
export function nextRunId({ member, nextAt }: RepeatEntry): string {
  const parts = member.split(':');
  const tail = /^\d+$/.test(parts[parts.length - 1] ?? '') ? 3 : 4;
  const name = parts.slice(0, Math.max(1, parts.length - tail)).join(':');
  const jobId = parts[parts.length - tail] ?? '';
  return `repeat:${md5(`${name}${jobId}:${md5(member)}`)}:${nextAt}`;
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
