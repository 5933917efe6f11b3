import type { Redactor } from '../../core/redaction.js';
import type { TaskError, TaskState } from '../../core/task.js';
import { fieldsOf, isTooDeep, listIn, textIn, timeIn } from './json-fields.js';
import { errorOfResult } from './python-error.js';
import { parsePythonJson } from './python-json.js';

/** What a result backend keeps of one task. */
export interface ResultRow {
  readonly state: TaskState;
  /** As stored: an application may have states of its own. */
  readonly status: string;
  readonly result: unknown;
  readonly progress: unknown;
  readonly error: TaskError | null;
  readonly traceback: string | null;
  readonly finishedAt: number | null;
  readonly parentId: string | null;
  readonly groupId: string | null;
  readonly childIds: readonly string[];
  /** Only with `result_extended`. */
  readonly name: string | null;
  readonly args: unknown;
  readonly kwargs: unknown;
  readonly worker: string | null;
  readonly queue: string | null;
  readonly retries: number | null;
}

const STATES = new Map<string, TaskState>([
  ['PENDING', 'PENDING'],
  ['RECEIVED', 'RECEIVED'],
  ['STARTED', 'STARTED'],
  ['RETRY', 'RETRY'],
  ['SUCCESS', 'SUCCESS'],
  ['FAILURE', 'FAILURE'],
  ['REVOKED', 'REVOKED'],
  ['REJECTED', 'REJECTED'],
  ['IGNORED', 'REJECTED'],
]);

/** A state that Celery does not know was set by the task itself while running, with its progress in the place of the result. */
export function stateOfStatus(status: string): { readonly known: boolean; readonly state: TaskState } {
  return { known: STATES.has(status), state: STATES.get(status) ?? 'STARTED' };
}

/** null where the row is not JSON, such as a pickle, which is never read. */
export function readResultRow(json: string, id: string, redact: Redactor): ResultRow | null {
  let parsed: unknown;
  try {
    parsed = parsePythonJson(json);
  } catch {
    return null; // not JSON: the caller shows its size
  }
  const row = fieldsOf(parsed);
  const status = textIn(row?.status);
  if (row === null || status === null || isTooDeep(row)) return null;
  const { known, state } = stateOfStatus(status);
  const parentId = textIn(row.parent_id);
  return {
    state,
    status,
    result: state === 'SUCCESS' ? redact(row.result) : null,
    progress: known ? null : redact(row.result),
    error: state === 'SUCCESS' || state === 'STARTED' ? null : errorOfResult(row.result),
    traceback: textOrNull(redact(row.traceback)),
    finishedAt: timeIn(row.date_done),
    parentId: parentId === id ? null : parentId,
    groupId: textIn(row.group_id),
    childIds: childIds(row.children).filter((child) => child !== id),
    name: textIn(row.name),
    args: redact(row.args),
    kwargs: redact(row.kwargs),
    worker: textIn(row.worker),
    queue: textIn(row.queue),
    retries: typeof row.retries === 'number' ? row.retries : null,
  };
}

/** `[[[id, parent], null], …]`: the ids of the direct children. The id of a group is no task's: its members are the children. */
function childIds(children: unknown): readonly string[] {
  return listIn(children).flatMap((child) => {
    const [own, members] = listIn(child);
    if (Array.isArray(members)) return childIds(members);
    const id = textIn(listIn(own)[0]) ?? textIn(own);
    return id === null ? [] : [id];
  });
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
