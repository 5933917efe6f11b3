import type { TaskPage } from './queue-engine.js';
import type { QueuePeek } from './queue-peek.js';
import { REDACTED, type Redactor } from './redaction.js';
import type { TaskAttempt, TaskDetail, TaskError, TaskPayload } from './task.js';
import type { TaskEvent } from './task-event.js';

/** What is hidden of the tasks of some names, beyond what is hidden of all. */
export interface TaskRedactionRule {
  /** Names, or beginnings of names followed by `*`. */
  readonly tasks: readonly string[];
  /** True hides everything that a task carries; a redactor hides some of it. */
  readonly hide: true | Redactor;
}

/**
 * Stands where everything that is heard of tasks comes in, whichever engine it comes from: behind it nothing is kept, logged, streamed or
 * counted that must not be shown. What the engines have redacted already stays as it is.
 */
export class PayloadRedaction {
  readonly #redact: Redactor;
  readonly #rules: readonly TaskRedactionRule[];

  constructor(redact: Redactor, rules: readonly TaskRedactionRule[] = []) {
    this.#redact = redact;
    this.#rules = rules;
  }

  /** Whether there may be something to hide: errors are read here first, results have been seen by their engine. */
  concerns(event: TaskEvent): boolean {
    return event.error !== null || (event.value !== undefined && this.#rules.length > 0);
  }

  /** `name` is what is known of the task beside the event. The very same event where there is nothing to hide. */
  event(event: TaskEvent, name: string | null): TaskEvent {
    const of = event.name ?? name;
    const value = this.#forName(event.value, of);
    const error = this.error(event.error, of);
    return value === event.value && error === event.error ? event : { ...event, value, error };
  }

  error(error: TaskError | null, name: string | null): TaskError | null {
    if (error === null) return null;
    const message = this.text(error.message, name);
    const type = this.#plainText(error.type);
    return message === error.message && type === error.type ? error : { type, message };
  }

  /** Arguments, result or progress of a task. */
  value(value: unknown, name: string | null): unknown {
    return this.#forName(this.#redact(value), name);
  }

  /** Lists show of what tasks carry their errors only. */
  page(page: TaskPage): TaskPage {
    if (page.tasks.every((task) => task.error === null)) return page;
    return { ...page, tasks: page.tasks.map((task) => ({ ...task, error: this.error(task.error, task.name) })) };
  }

  peek(peek: QueuePeek): QueuePeek {
    const tasks = peek.tasks.map((task) => ({
      ...task,
      args: this.value(task.args, task.name),
      kwargs: this.value(task.kwargs, task.name),
    }));
    return { ...peek, tasks };
  }

  detail(task: TaskDetail): TaskDetail {
    const { name } = task;
    const raw = this.value(task.raw, name);
    return {
      ...task,
      error: this.error(task.error, name),
      args: this.value(task.args, name),
      kwargs: this.value(task.kwargs, name),
      result: this.value(task.result, name),
      progress: this.value(task.progress, name),
      traceback: task.traceback === null ? null : this.text(task.traceback, name),
      logs: task.logs === null ? null : task.logs.map((line) => this.text(line, name)),
      attemptHistory: task.attemptHistory.map(
        (attempt): TaskAttempt => ({ ...attempt, error: this.error(attempt.error, name) }),
      ),
      raw: typeof raw === 'object' && raw !== null ? { ...raw } : {},
    };
  }

  payload(payload: TaskPayload, name: string | null): TaskPayload {
    const { args, kwargs, traceback } = payload;
    return {
      ...payload,
      args: this.value(args, name),
      kwargs: this.value(kwargs, name),
      traceback: traceback === null ? null : this.text(traceback, name),
    };
  }

  /** A line of a log, a message, a traceback. */
  text(text: string, name: string | null): string {
    const shown = this.value(text, name);
    return typeof shown === 'string' ? shown : REDACTED;
  }

  #plainText(text: string): string {
    const shown = this.#redact(text);
    return typeof shown === 'string' ? shown : REDACTED;
  }

  /** Where a rule might be meant, because the name is not known, it is: better hidden than shown. */
  #forName(value: unknown, name: string | null): unknown {
    if (value === undefined || value === null) return value;
    let shown: unknown = value;
    for (const { tasks, hide } of this.#rules) {
      if (name !== null && !tasks.some((pattern) => matches(pattern, name))) continue;
      if (hide === true) return REDACTED;
      shown = hide(shown);
    }
    return shown;
  }
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
