import type { Schedule } from './queue.js';

/** What may be done to a repeating task. */
export type ScheduleAction =
  /** Also takes away the run that waits for its time. */
  | { readonly kind: 'remove' }
  /** Enqueue one task as the schedule would, now. The schedule goes on as before. */
  | { readonly kind: 'run' }
  /** Change when it runs; what it runs stays. Exactly one of `cron` and `everyMs`. */
  | {
      readonly kind: 'edit';
      readonly cron: string | null;
      readonly everyMs: number | null;
      readonly timeZone: string | null;
    };

export type ScheduleActionKind = ScheduleAction['kind'];

const CAPABILITY_OF = { remove: 'remove-schedule', run: 'run-schedule', edit: 'edit-schedule' } as const;

/** The capability that an engine must have for it. */
export function capabilityOfSchedule({ kind }: ScheduleAction): (typeof CAPABILITY_OF)[ScheduleActionKind] {
  return CAPABILITY_OF[kind];
}

/** What was done to a schedule, and what was found afterwards. */
export interface ScheduleActionReport {
  readonly queue: string;
  /** The schedule's id within its queue. */
  readonly id: string;
  /** One sentence. */
  readonly message: string;
  /** Full id of the task that was enqueued; null for actions that enqueue none. */
  readonly taskId: string | null;
  readonly before: Schedule;
  /** null: it is gone. */
  readonly after: Schedule | null;
}
