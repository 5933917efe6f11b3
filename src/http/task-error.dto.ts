import type { TaskError } from '../core/task.js';

/** How an attempt failed. */
export class TaskErrorDto {
  /**
   * Class of the exception.
   * @example 'ValueError'
   */
  readonly type: string;
  readonly message: string;

  constructor(error: TaskError) {
    this.type = error.type;
    this.message = error.message;
  }

  static of(error: TaskError | null): TaskErrorDto | null {
    return error === null ? null : new TaskErrorDto(error);
  }
}
