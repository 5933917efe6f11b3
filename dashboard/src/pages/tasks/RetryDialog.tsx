import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answered, client } from '../../api/client.js';
import type { TaskDetail } from '../../api/model.js';
import { useCan } from '../../api/queries.js';
import { ConfirmDialog } from '../../components/ConfirmDialog.js';
import { ScopedLink, taskPath } from '../../components/ScopedLink.js';

/** Runs a task again, where the engine can with other arguments. */
export function RetryDialog({ task, onClose }: { readonly task: TaskDetail; readonly onClose: () => void }) {
  const { task_id: id, source, engine } = task;
  const can = useCan();
  const queries = useQueryClient();
  const [anew, setAnew] = useState(false);
  const args = useJsonField(task.args, isList);
  const kwargs = useJsonField(task.kwargs, isRecord);
  const editable = can(source, 'retry-edited');
  const act = async () => {
    const { message, new_task_id } = await answered(
      client.POST('/api/v1/celery/tasks/{id}/retry', {
        params: { path: { id }, query: { source } },
        body: {
          reset_attempts: anew,
          ...(args.edited === undefined ? {} : { args: args.edited }),
          ...(kwargs.edited === undefined ? {} : { kwargs: kwargs.edited }),
        },
      }),
    );
    void queries.invalidateQueries({ queryKey: ['task', id] });
    void queries.invalidateQueries({ queryKey: ['tasks'] });
    return (
      <>
        <p>{message}</p>
        {new_task_id !== null && (
          <p>
            <ScopedLink to={taskPath(new_task_id)} with={{ source }} className="mono">
              {new_task_id}
            </ScopedLink>
          </p>
        )}
      </>
    );
  };
  return (
    <ConfirmDialog
      title={`Run again: ${task.task_name ?? 'task'} ${id}?`}
      verb="Run again"
      blocked={args.wrong || kwargs.wrong}
      act={act}
      onClose={onClose}
    >
      <p>
        {engine !== 'celery' && 'It goes back into its queue, with the same arguments, and gets one more attempt.'}
        {engine === 'celery' &&
          !editable &&
          'A new task of this name is sent to the same queue, with the same arguments.'}
        {engine === 'celery' &&
          editable &&
          'A new task of this name is sent to the same queue. What is left as it is, is sent as it was; other arguments only where the settings allow them for this name.'}
      </p>
      {can(source, 'retry-anew') && (
        <label className="menu-item">
          <input type="checkbox" checked={anew} onChange={(event) => setAnew(event.target.checked)} />
          Count its attempts anew
        </label>
      )}
      {editable && (
        <>
          <JsonField label="Arguments, a JSON list" field={args} expected="a list, such as [1, &quot;two&quot;]" />
          <JsonField label="Keyword arguments, a JSON object" field={kwargs} expected="an object in braces" />
        </>
      )}
    </ConfirmDialog>
  );
}

interface Field<T> {
  readonly text: string;
  readonly change: (text: string) => void;
  /** What is to be sent; undefined where it was left as it was. */
  readonly edited: T | undefined;
  readonly wrong: boolean;
}

/** A JSON text that begins as what is known; empty where it is known only as the engine's own text. */
function useJsonField<T>(known: unknown, fits: (value: unknown) => value is T): Field<T> {
  const [before] = useState(fits(known) ? JSON.stringify(known, null, 1).replaceAll(/\n\s*/g, ' ') : '');
  const [text, change] = useState(before);
  if (text.trim() === before.trim()) return { text, change, edited: undefined, wrong: false };
  const value = parsed(text);
  return fits(value) ? { text, change, edited: value, wrong: false } : { text, change, edited: undefined, wrong: true };
}

interface JsonFieldProps {
  readonly label: string;
  readonly field: Field<unknown>;
  readonly expected: string;
}

function JsonField({ label, field: { text, change, wrong }, expected }: JsonFieldProps) {
  return (
    <label>
      {label}
      <textarea
        className="field json-field"
        rows={3}
        spellCheck={false}
        aria-invalid={wrong}
        placeholder="as they were"
        value={text}
        onChange={(event) => change(event.target.value)}
      />
      {wrong && <span className="bad">Expected {expected}.</span>}
    </label>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not finished yet, or no JSON: the field says so.
    return undefined;
  }
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
