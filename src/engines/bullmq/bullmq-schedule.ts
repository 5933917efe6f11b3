import { createHash } from 'node:crypto';
import type { Schedule } from '../../core/queue.js';
import type { CronRuns } from '../jobs/cron-runs.js';
import { type NextRun, standingOf } from '../jobs/schedule-runs.js';
import { numberOf } from '../redis/redis-reply.js';
import type { BullmqQueue } from './bullmq-queue.js';

export interface RepeatEntry {
  /** Member of the `repeat` set: a scheduler's id, or a legacy repeatable's key. */
  readonly member: string;
  readonly nextAt: number;
}

/** Fields of `repeat:<member>` that describe a schedule; `ic` counts the runs of job schedulers, and of those alone. */
export const SCHEDULE_FIELDS = ['name', 'pattern', 'every', 'tz', 'ic'] as const;

/**
 * Both kinds of schedules. A job scheduler has a hash with its name and interval. A legacy repeatable of version 4 has none: its key is
 * `name:jobId:endDate:tz:pattern or interval`, read from its end, so that a name with colons stays whole.
 */
export function readSchedule(
  queue: BullmqQueue,
  { member, nextAt }: RepeatEntry,
  hash: readonly unknown[],
  nextRun: NextRun | null,
  now: number,
  cronRuns: CronRuns,
): Schedule {
  const [name, pattern, every, tz, runs] = hash.map((field) =>
    typeof field === 'string' && field !== '' ? field : null,
  );
  if (name != null || pattern != null || every != null) {
    return {
      id: member,
      name: queue.taskName(name ?? member),
      ...standingOf(
        { nextAt, cron: pattern ?? null, everyMs: numberOf(every), timeZone: tz ?? null },
        nextRun,
        now,
        cronRuns,
      ),
      ...(runs == null && { editable: false }),
    };
  }
  const parts = member.split(':');
  const last = parts[parts.length - 1] ?? '';
  const interval = /^\d+$/.test(last) ? Number(last) : null;
  return {
    id: member,
    name: queue.taskName(legacyName(parts)),
    ...standingOf(
      {
        nextAt,
        cron: interval === null && parts.length > 1 ? last : null,
        everyMs: interval,
        timeZone: parts[parts.length - 2] || null,
      },
      nextRun,
      now,
      cronRuns,
    ),
    editable: false,
  };
}

/**
 * Ids under which the job of the next run may be stored: that of a scheduler, and for a legacy repeatable the hash that the library makes of
 * its name, job id and key.
 */
export function nextRunIds({ member, nextAt }: RepeatEntry): readonly string[] {
  const parts = member.split(':');
  const ids = [`repeat:${member}:${nextAt}`];
  if (parts.length < 5) return ids;
  const jobId = parts[parts.length - 4] ?? '';
  ids.push(`repeat:${md5(`${legacyName(parts)}${jobId}${md5(member)}`)}:${nextAt}`);
  return ids;
}

function legacyName(parts: readonly string[]): string {
  return parts.slice(0, Math.max(1, parts.length - 4)).join(':');
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
