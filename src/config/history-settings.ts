import { z } from 'zod';
import { TASK_STATES } from '../core/task.js';

/** Failures have a setting of their own. */
const OTHER_STATES = TASK_STATES.filter((state) => state !== 'FAILURE');
const days = z.number().positive().max(3650);

export const historySettingsSchema = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe(
      'Keep tasks and counters on disk, or in `history.url`; false: memory alone, and counters begin at 0 with each start',
    ),
  url: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'a URL such as postgres://user:password@host/database')
    .optional()
    .describe('A PostgreSQL database for the history; without it, a SQLite file in the data folder'),
  keepDays: days.default(30).describe('Tasks are kept this long after they were enqueued'),
  keepFailureDays: days.default(90).describe('The same for tasks that failed'),
  keepDaysByState: z
    .partialRecord(z.enum(OTHER_STATES, { error: `a state, one of ${OTHER_STATES.join(', ')}` }), days)
    .default({})
    .describe(
      `The same for tasks that ended in other states, such as {"REVOKED": 2, "LOST": 90}; of ${OTHER_STATES.join(', ')}`,
    ),
  maxTasks: z.int().min(1000).max(1_000_000_000).default(5_000_000).describe('Tasks kept; the oldest go first'),
  payloadsPerSecond: z
    .int()
    .min(0)
    .max(100_000)
    .default(2_000)
    .describe(
      'Of so many Bull and BullMQ tasks a second, per source, the arguments and the place in a flow are read for the history: two small commands each; 0: of none',
    ),
  maxMegabytes: z.int().min(10).max(10_000_000).default(5_000).describe('Size of the history, about, in MiB'),
});
export type HistorySettings = z.infer<typeof historySettingsSchema>;
