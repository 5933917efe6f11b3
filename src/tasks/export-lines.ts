import type { TaskSummaryDto } from '../http/task-summary.dto.js';

const COLUMNS = [
  'source',
  'engine',
  'task_id',
  'task_name',
  'state',
  'queue',
  'worker',
  'sent_at',
  'eta',
  'started_at',
  'finished_at',
  'runtime_seconds',
  'attempts',
] as const satisfies readonly (keyof TaskSummaryDto)[];

/** What a spreadsheet would run as a formula; such a text is kept a text by an apostrophe before it. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** How tasks are written, line by line. */
export interface ExportFormat {
  readonly type: string;
  readonly head: string;
  line(task: TaskSummaryDto): string;
}

export const EXPORTS: Readonly<Record<'ndjson' | 'csv', ExportFormat>> = {
  ndjson: {
    type: 'application/x-ndjson; charset=utf-8',
    head: '',
    line: (task) => `${JSON.stringify(task)}\n`,
  },
  csv: {
    type: 'text/csv; charset=utf-8; header=present',
    head: csvLine([...COLUMNS, 'error_type', 'error_message']),
    line: (task) =>
      csvLine([...COLUMNS.map((column) => task[column]), task.error?.type ?? null, task.error?.message ?? null]),
  },
};

/** RFC 4180. */
function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
