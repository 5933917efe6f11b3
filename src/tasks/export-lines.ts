import type { TaskSummaryDto } from '../http/task-summary.dto.js';
import type { ExportField } from './task-export.dto.js';

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

/** What a task carries, by the names that were asked for. */
export type ExportedPayload = Readonly<Partial<Record<ExportField, unknown>>>;

/** How tasks are written, line by line; each with the same further fields. */
export interface ExportFormat {
  readonly type: string;
  head(fields: readonly ExportField[]): string;
  line(task: TaskSummaryDto, payload: ExportedPayload): string;
}

export const EXPORTS: Readonly<Record<'ndjson' | 'csv', ExportFormat>> = {
  ndjson: {
    type: 'application/x-ndjson; charset=utf-8',
    head: () => '',
    line: (task, payload) => `${JSON.stringify({ ...task, ...payload })}\n`,
  },
  csv: {
    type: 'text/csv; charset=utf-8; header=present',
    head: (fields) => csvLine([...COLUMNS, 'error_type', 'error_message', ...fields]),
    line: (task, payload) =>
      csvLine([
        ...COLUMNS.map((column) => task[column]),
        task.error?.type ?? null,
        task.error?.message ?? null,
        ...Object.values(payload).map((value) => (value === null ? null : textOf(value))),
      ]),
  },
};

/** A text as it is, everything else as JSON. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

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
