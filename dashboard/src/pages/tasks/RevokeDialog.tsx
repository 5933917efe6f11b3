import { useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { TaskDetail } from '../../api/model.js';
import { useCan } from '../../api/queries.js';
import { ConfirmDialog } from '../../components/ConfirmDialog.js';
import { type RevokeReport, revoke, SIGNALS, type Signal } from './revoke.js';

/** Revokes one task, and shows what each worker answered. */
export function RevokeDialog({ task, onClose }: { readonly task: TaskDetail; readonly onClose: () => void }) {
  const can = useCan();
  const queries = useQueryClient();
  const running = task.state === 'STARTED';
  const [terminate, setTerminate] = useState(running && can(task.source, 'revoke-active'));
  const [signal, setSignal] = useState<Signal | null>(null);
  const field = useId();

  return (
    <ConfirmDialog
      title={`Revoke ${task.task_name ?? 'the task'} ${task.task_id}?`}
      verb={terminate && running ? 'Stop it' : 'Revoke'}
      act={async () => {
        const report = await revoke(task, { terminate, signal: terminate ? signal : null });
        void queries.invalidateQueries({ queryKey: ['task'] });
        return <Report report={report} />;
      }}
      onClose={onClose}
    >
      <p>
        {running
          ? 'It runs now. Unless it is stopped, it goes on to its end, and only a further attempt is prevented.'
          : 'It will not run.'}
      </p>
      {can(task.source, 'revoke-active') && (
        <label className="menu-item">
          <input type="checkbox" checked={terminate} onChange={(event) => setTerminate(event.target.checked)} />
          Stop it if it runs
        </label>
      )}
      {terminate && can(task.source, 'revoke-signal') && (
        <p>
          <label htmlFor={field}>Signal to its process </label>
          <select
            id={field}
            className="choice"
            value={signal ?? ''}
            onChange={(event) => setSignal(SIGNALS.find((known) => known === event.target.value) ?? null)}
          >
            <option value="">as the worker is set</option>
            {SIGNALS.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </p>
      )}
    </ConfirmDialog>
  );
}

function Report({ report }: { readonly report: RevokeReport }) {
  return (
    <>
      <p>
        <strong>{report.outcome}</strong>: {report.message}
      </p>
      {report.workers.length > 0 && (
        <ul className="report">
          {report.workers.map(({ worker, answer, message }) => (
            <li key={worker}>
              <span className="mono">{worker}</span>
              <span className={answer === 'refused' ? 'bad' : undefined}>
                {answer}
                {message === null ? '' : `: ${message}`}
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
