import {
  BooleanInBody,
  NullableSecondsInBody,
  NullableTextInBody,
  TextInBody,
  TextListInBody,
  WordInBody,
} from '../http/body-fields.js';
import { MAX_NAME_LENGTH } from '../http/list-query.dto.js';
import { WRITTEN_SIGNALS } from './revoke.dto.js';

/** One message names them all. */
const MAX_WORKERS = 1_000;
const MAX_VALUES = 100;
const WEEK_SECONDS = 7 * 24 * 60 * 60;

abstract class TaskLimitDto {
  @TextInBody({ description: 'Name of the task', maxLength: MAX_NAME_LENGTH, example: 'app.tasks.train_model' })
  readonly task: string;

  @TextListInBody({
    description:
      'Only on these workers; on all that are up where it is missing. Others, and restarted ones, keep their own limit.',
    maxItems: MAX_WORKERS,
    maxLength: MAX_NAME_LENGTH,
    optional: true,
  })
  readonly workers?: readonly string[];

  constructor() {
    this.task = '';
  }
}

export class RateLimitDto extends TaskLimitDto {
  @NullableTextInBody('limit', {
    description: 'At most so many tasks begun per second, minute or hour, on each worker; null lifts the limit',
    pattern: /^\d{1,9}(\.\d{1,6})?(\/[smh])?$/,
    expected: 'a number with /s, /m or /h, such as 10/m',
    example: '10/m',
  })
  readonly limit?: string | null;
}

export class TimeLimitDto extends TaskLimitDto {
  @NullableSecondsInBody('soft_seconds', {
    description: 'After so many seconds a task is told to end; null lifts the limit',
    maximum: WEEK_SECONDS,
  })
  readonly soft_seconds?: number | null;

  @NullableSecondsInBody('hard_seconds', {
    description: 'After so many seconds its process is killed; null lifts the limit',
    maximum: WEEK_SECONDS,
  })
  readonly hard_seconds?: number | null;
}

export class StampedRevocationDto {
  @TextInBody({ description: 'Name of the stamp', maxLength: MAX_NAME_LENGTH, example: 'tenant' })
  readonly stamp: string;

  @TextListInBody({
    description: 'Tasks that carry one of these values',
    maxItems: MAX_VALUES,
    maxLength: MAX_NAME_LENGTH,
  })
  readonly values: readonly string[];

  @BooleanInBody({ description: 'Also stop those that already run', default: false })
  readonly terminate: boolean = false;

  @WordInBody(WRITTEN_SIGNALS, { description: 'With `terminate`: the signal for the processes', optional: true })
  readonly signal?: string;

  constructor() {
    this.stamp = '';
    this.values = [];
  }
}
