import { z } from 'zod';
import type { Colour } from './printing.js';
import { oneLine } from './printing.js';

/** What the commands show of a task; the API tells more, and --json passes all of it on. */
export const taskAnswer = z.looseObject({
  source: z.string(),
  task_id: z.string(),
  task_name: z.string().nullable(),
  queue: z.string().nullable(),
  state: z.string(),
  worker: z.string().nullable(),
  sent_at: z.string().nullable(),
  started_at: z.string().nullable(),
  finished_at: z.string().nullable(),
  runtime_seconds: z.number().nullable(),
  error: z.looseObject({ type: z.string(), message: z.string() }).nullable(),
});
export type TaskAnswer = z.infer<typeof taskAnswer>;

const COLOURS: Readonly<Record<string, Colour>> = {
  STARTED: 'cyan',
  SUCCESS: 'green',
  FAILURE: 'red',
  RETRY: 'yellow',
  REVOKED: 'dim',
  REJECTED: 'red',
  LOST: 'red',
};

export const TASK_COLUMNS = ['STATE', 'TASK', 'NAME', 'QUEUE', 'SINCE', 'TOOK', 'WORKER, ERROR'] as const;

/** The cells of one row; what nobody knows is a dash. */
export function taskRow(task: TaskAnswer, paint: (colour: Colour | null, text: string) => string): readonly string[] {
  const since = task.finished_at ?? task.started_at ?? task.sent_at;
  const last = [task.worker, task.error === null ? null : `${task.error.type}: ${task.error.message}`];
  return [
    paint(COLOURS[task.state] ?? null, task.state),
    oneLine(task.task_id),
    oneLine(task.task_name ?? '-'),
    oneLine(task.queue ?? '-'),
    since ?? '-',
    task.runtime_seconds === null ? '-' : `${Number(task.runtime_seconds.toPrecision(3))}s`,
    last
      .filter((part) => part !== null)
      .map(oneLine)
      .join('  '),
  ];
}
