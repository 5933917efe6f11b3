import { WholeNumberField, WordField, WordListField } from '../http/query-fields.js';
import { TaskSearchQueryDto } from './task-search.dto.js';

export const EXPORT_FORMATS = ['ndjson', 'csv'] as const;
/** What tasks carry, beside what lists show of them. */
export const EXPORT_FIELDS = ['args', 'kwargs', 'result', 'traceback'] as const;
export type ExportField = (typeof EXPORT_FIELDS)[number];
const MAX_ROWS = 1_000_000;
const DEFAULT_ROWS = 100_000;

export class TaskExportQueryDto extends TaskSearchQueryDto {
  @WordField(EXPORT_FORMATS, {
    description: 'One JSON object a line, as `GET /tasks` tells tasks; or comma-separated values (RFC 4180)',
    default: 'ndjson',
  })
  readonly format: (typeof EXPORT_FORMATS)[number] = 'ndjson';

  @WordListField(EXPORT_FIELDS, {
    description:
      'Also what the tasks carry, by these names, separated by commas: as the history has it, secrets removed, null where it does not know. ' +
      'Only for who may see payloads. In CSV as JSON',
    enumName: 'ExportField',
    read: (word) => word.toLowerCase(),
  })
  readonly fields?: readonly ExportField[];

  @WholeNumberField({ description: 'At most so many tasks', minimum: 1, maximum: MAX_ROWS, default: DEFAULT_ROWS })
  override readonly limit: number = DEFAULT_ROWS;
}
