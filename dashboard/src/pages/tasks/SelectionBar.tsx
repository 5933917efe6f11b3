import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { TaskSummary } from '../../api/model.js';
import { useCan } from '../../api/queries.js';
import { ConfirmDialog } from '../../components/ConfirmDialog.js';
import { counted } from '../../format/numbers.js';
import { keyOf } from './columns.js';
import { revoke } from './revoke.js';
import { TASK_ACTIONS, type TaskAction } from './task-actions.js';

type Act = Pick<TaskAction, 'verb' | 'meaning' | 'operation' | 'capability' | 'states'> & {
  /** Does it to one task, and says what came of it. */
  readonly one: (task: TaskSummary) => Promise<string>;
};

const REVOKE: Act = {
  verb: 'Revoke',
  meaning: 'What waits will not run. What runs already goes on to its end.',
  operation: 'revokeTask',
  capability: 'revoke-waiting',
  states: ['PENDING', 'RECEIVED', 'STARTED', 'RETRY'],
  one: async (task) => {
    const { outcome, message } = await revoke(task, { terminate: false, signal: null });
    return `${outcome}: ${message}`;
  },
};

const ACTS: readonly Act[] = [
  REVOKE,
  ...TASK_ACTIONS.filter(({ capability }) => capability !== 'promote').map((action) => ({
    ...action,
    one: async (task: TaskSummary) => (await action.perform(task)).message,
  })),
];

/** Acts on what is selected, one after the other, and reports on each. */
export function SelectionBar({ tasks, clear }: { readonly tasks: readonly TaskSummary[]; readonly clear: () => void }) {
  const can = useCan();
  const queries = useQueryClient();
  const [asking, setAsking] = useState<{ readonly act: Act; readonly on: readonly TaskSummary[] } | null>(null);
  const possible = ACTS.map((act) => ({
    act,
    on: tasks.filter((task) => act.states.includes(task.state) && can(task.source, act.capability, act.operation)),
  })).filter(({ on }) => on.length > 0);
  return (
    <div className="selection" role="toolbar" aria-label="Selected tasks">
      <strong>{counted(tasks.length, 'task')} selected</strong>
      {possible.map(({ act, on }) => (
        <button key={act.verb} type="button" className="button" onClick={() => setAsking({ act, on })}>
          {act.verb} {on.length === tasks.length ? '' : on.length}
        </button>
      ))}
      <button type="button" className="button" onClick={clear}>
        Select none
      </button>
      {asking !== null && (
        <ConfirmDialog
          title={`${asking.act.verb} ${counted(asking.on.length, 'task')}?`}
          verb={asking.act.verb}
          size={asking.on.length}
          act={async () => {
            const reports = await actOnAll(asking.act, asking.on);
            void queries.invalidateQueries({ queryKey: ['tasks'] });
            return <Reports reports={reports} />;
          }}
          onClose={() => setAsking(null)}
        >
          <p>{asking.act.meaning}</p>
        </ConfirmDialog>
      )}
    </div>
  );
}

interface Report {
  readonly task: TaskSummary;
  readonly said: string | Error;
}

/** One after the other, so that a broker is not asked for everything at once. */
async function actOnAll(act: Act, tasks: readonly TaskSummary[]): Promise<readonly Report[]> {
  const reports: Report[] = [];
  for (const task of tasks) {
    try {
      reports.push({ task, said: await act.one(task) });
    } catch (error) {
      reports.push({ task, said: error instanceof Error ? error : new Error(String(error)) });
    }
  }
  return reports;
}

function Reports({ reports }: { readonly reports: readonly Report[] }) {
  const refused = reports.filter(({ said }) => said instanceof Error).length;
  return (
    <>
      <p>
        {counted(reports.length - refused, 'task')} done, {counted(refused, 'task')} refused.
      </p>
      <ul className="report">
        {reports.map(({ task, said }) => (
          <li key={keyOf(task)}>
            <span className="mono">{task.task_id}</span>
            {said instanceof Error ? <span className="bad">refused: {said.message}</span> : <span>{said}</span>}
          </li>
        ))}
      </ul>
    </>
  );
}
