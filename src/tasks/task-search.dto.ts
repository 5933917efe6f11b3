import { TASK_STATES, type TaskState } from '../core/task.js';
import { TASK_SORT_FIELDS } from '../core/task-query.js';
import { MAX_NAME_LENGTH, SourceQueryDto } from '../http/list-query.dto.js';
import { TextField, WholeNumberField, WordField, WordListField } from '../http/query-fields.js';

export const SORTS = TASK_SORT_FIELDS.flatMap((field) => [`-${field}`, field]);
export const DEFAULT_SORT = '-sent';

const MOMENT = 'ISO 8601, epoch seconds, or how long ago, such as `15m`';

/** What a search may ask for. All conditions must hold. */
export class TaskSearchQueryDto extends SourceQueryDto {
  @TextField({
    description:
      'The filter language: fields `name: state: worker: queue: source: error: id: runtime: attempts: sent: started: finished:` with `> >= < <=`, ' +
      '`and`, `or`, `not`, parentheses, quotes and a final `*`; a bare word is looked for in name, id and error message',
    maxLength: 2048,
    example: 'state:FAILURE and runtime:>5s and not name:email*',
  })
  readonly q?: string;

  @TextField({ description: 'The whole name, or its beginning followed by `*`', maxLength: MAX_NAME_LENGTH })
  readonly name?: string;

  @WordListField(TASK_STATES, {
    description: 'One or more states, separated by commas or given several times',
    enumName: 'TaskState',
  })
  readonly state?: readonly TaskState[];

  @TextField({ description: 'Name of the worker', maxLength: MAX_NAME_LENGTH })
  readonly worker?: string;

  @TextField({ description: 'Name of the queue', maxLength: MAX_NAME_LENGTH })
  readonly queue?: string;

  @TextField({ description: `Enqueued at or after: ${MOMENT}`, maxLength: 64, example: '15m' })
  readonly since?: string;

  @TextField({ description: `Enqueued before: ${MOMENT}`, maxLength: 64, example: '2026-01-02T10:30:00Z' })
  readonly until?: string;

  @WordField(SORTS, {
    description:
      'The order; `-` puts the greatest first. By name among the tasks in memory alone, as `history: false` tells: the history has no index in that order, which each task would pay for',
    default: DEFAULT_SORT,
  })
  readonly sort: string = DEFAULT_SORT;

  @WholeNumberField({ description: 'Tasks per page', minimum: 1, maximum: 500, default: 50 })
  readonly limit: number = 50;

  @TextField({ description: '`next_cursor` of the page before', maxLength: 8192 })
  readonly cursor?: string;
}
