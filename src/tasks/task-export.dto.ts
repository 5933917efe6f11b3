import { WholeNumberField, WordField } from '../http/query-fields.js';
import { TaskSearchQueryDto } from './task-search.dto.js';

export const EXPORT_FORMATS = ['ndjson', 'csv'] as const;
const MAX_ROWS = 1_000_000;
const DEFAULT_ROWS = 100_000;

export class TaskExportQueryDto extends TaskSearchQueryDto {
  @WordField(EXPORT_FORMATS, {
    description: 'One JSON object a line, as `GET /tasks` tells tasks; or comma-separated values (RFC 4180)',
    default: 'ndjson',
  })
  readonly format: (typeof EXPORT_FORMATS)[number] = 'ndjson';

  @WholeNumberField({ description: 'At most so many tasks', minimum: 1, maximum: MAX_ROWS, default: DEFAULT_ROWS })
  override readonly limit: number = DEFAULT_ROWS;
}
