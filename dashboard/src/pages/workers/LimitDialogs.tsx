import { type ReactNode, useId, useState } from 'react';
import type { Worker } from '../../api/model.js';
import { useSummary } from '../../api/queries.js';
import { ConfirmDialog } from '../../components/ConfirmDialog.js';
import { useTold } from './use-told.js';
import { limitRate, limitTime } from './worker-commands.js';

interface Props {
  readonly worker: Worker;
  readonly onClose: () => void;
}

type Reach = 'this' | 'all';

interface WhichProps {
  readonly worker: Worker;
  readonly task: string;
  readonly onTask: (task: string) => void;
  readonly reach: Reach;
  readonly onReach: (reach: Reach) => void;
  readonly children: ReactNode;
}

/** Which tasks, and on which workers. */
function Which({ worker, task, onTask, reach, onReach, children }: WhichProps) {
  const list = useId();
  const { data } = useSummary();
  const names = (data?.per_task ?? []).filter(({ source }) => source === worker.source);
  return (
    <>
      <label>
        Name of the task
        <input
          className="field"
          required
          maxLength={512}
          list={list}
          value={task}
          autoComplete="off"
          onChange={(event) => onTask(event.target.value)}
        />
        <datalist id={list}>
          {names.map(({ task_name }) => (
            <option key={task_name} value={task_name} />
          ))}
        </datalist>
      </label>
      {children}
      <fieldset>
        <legend className="visually-hidden">Where</legend>
        {(['this', 'all'] as const).map((known) => (
          <label key={known} className="menu-item">
            <input type="radio" name="reach" checked={reach === known} onChange={() => onReach(known)} />
            {known === 'this' ? `On ${worker.name}` : `On every worker of ${worker.source} that is up`}
          </label>
        ))}
      </fieldset>
    </>
  );
}

export function RateLimitDialog({ worker, onClose }: Props) {
  const [task, setTask] = useState('');
  const [limit, setLimit] = useState('');
  const [reach, setReach] = useState<Reach>('this');
  const told = useTold();
  const of = { source: worker.source, task: task.trim(), worker: reach === 'this' ? worker.name : null };
  return (
    <ConfirmDialog
      title="Limit how often a task is begun?"
      verb="Limit"
      calm
      act={() => told(limitRate(of, limit.trim() === '' ? null : limit.trim()))}
      onClose={onClose}
    >
      <Which worker={worker} task={task} onTask={setTask} reach={reach} onReach={setReach}>
        <label>
          At most, per second, minute or hour
          <input
            className="field"
            pattern="\d{1,9}(\.\d{1,6})?(/[smh])?"
            title="A number, with /s, /m or /h"
            placeholder="10/m; empty lifts the limit"
            value={limit}
            onChange={(event) => setLimit(event.target.value)}
          />
        </label>
      </Which>
      <p>Each worker counts for itself. Holds until a worker restarts; then what its code says holds again.</p>
    </ConfirmDialog>
  );
}

export function TimeLimitDialog({ worker, onClose }: Props) {
  const [task, setTask] = useState('');
  const [soft, setSoft] = useState('');
  const [hard, setHard] = useState('');
  const [reach, setReach] = useState<Reach>('this');
  const told = useTold();
  const of = { source: worker.source, task: task.trim(), worker: reach === 'this' ? worker.name : null };
  const seconds = [
    { label: 'Told to end after, seconds', value: soft, change: setSoft },
    { label: 'Killed after, seconds', value: hard, change: setHard },
  ];
  return (
    <ConfirmDialog
      title="Limit how long a task may run?"
      verb="Limit"
      act={() => told(limitTime(of, numberOf(soft), numberOf(hard)))}
      onClose={onClose}
    >
      <Which worker={worker} task={task} onTask={setTask} reach={reach} onReach={setReach}>
        <div className="form-row">
          {seconds.map(({ label, value, change }) => (
            <label key={label}>
              {label}
              <input
                className="field"
                type="number"
                min={0.001}
                max={604_800}
                step="any"
                placeholder="no limit"
                value={value}
                onChange={(event) => change(event.target.value)}
              />
            </label>
          ))}
        </div>
      </Which>
      <p>
        Tasks that run longer are broken off. Workers take it up with the next start of their pool or consumer, and
        forget it when they restart.
      </p>
    </ConfirmDialog>
  );
}

function numberOf(text: string): number | null {
  return text.trim() === '' ? null : Number(text);
}
