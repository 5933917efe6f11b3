import { type ReactNode, useState } from 'react';
import type { TaskSummary } from '../../api/model.js';
import { useCan } from '../../api/queries.js';
import { ConfirmDialog } from '../../components/ConfirmDialog.js';
import { counted } from '../../format/numbers.js';
import { keyOf } from './columns.js';
import { type RevokeReport, revoke } from './revoke.js';

/** Acts on what is selected, one after the other, and reports on each. */
export function SelectionBar({ tasks, clear }: { readonly tasks: readonly TaskSummary[]; readonly clear: () => void }) {
  const can = useCan();
  const [asking, setAsking] = useState(false);
  const revocable = tasks.filter((task) => can(task.source, 'revoke-waiting') && !task.finished_at);
  return (
    <div className="selection" role="toolbar" aria-label="Selected tasks">
      <strong>{counted(tasks.length, 'task')} selected</strong>
      {revocable.length > 0 && (
        <button type="button" className="button danger" onClick={() => setAsking(true)}>
          Revoke {revocable.length === tasks.length ? '' : revocable.length}
        </button>
      )}
      <button type="button" className="button" onClick={clear}>
        Select none
      </button>
      {asking && (
        <ConfirmDialog
          title={`Revoke ${counted(revocable.length, 'task')}?`}
          verb="Revoke"
          size={revocable.length}
          act={() => revokeAll(revocable)}
          onClose={() => setAsking(false)}
        >
          <p>What waits will not run. What runs already goes on to its end.</p>
        </ConfirmDialog>
      )}
    </div>
  );
}

async function revokeAll(tasks: readonly TaskSummary[]): Promise<ReactNode> {
  const reports: { readonly task: TaskSummary; readonly said: RevokeReport | Error }[] = [];
  for (const task of tasks) {
    try {
      reports.push({ task, said: await revoke(task, { terminate: false, signal: null }) });
    } catch (error) {
      reports.push({ task, said: error instanceof Error ? error : new Error(String(error)) });
    }
  }
  return (
    <ul className="report">
      {reports.map(({ task, said }) => (
        <li key={keyOf(task)}>
          <span className="mono">{task.task_id}</span>
          {said instanceof Error ? (
            <span className="bad">refused: {said.message}</span>
          ) : (
            <span>
              {said.outcome}: {said.message}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
