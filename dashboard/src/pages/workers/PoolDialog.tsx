import { useState } from 'react';
import type { Worker } from '../../api/model.js';
import { ConfirmDialog } from '../../components/ConfirmDialog.js';
import { counted } from '../../format/numbers.js';
import { useTold } from './use-told.js';
import { worker as tell } from './worker-commands.js';

interface Props {
  readonly worker: Worker;
  readonly onClose: () => void;
}

/** More processes, or fewer. */
export function ResizeDialog({ worker, action, onClose }: Props & { readonly action: 'grow' | 'shrink' }) {
  const [by, setBy] = useState('1');
  const told = useTold();
  const size = worker.pool.max_concurrency;
  const step = Number(by);
  const after = size === null ? null : action === 'grow' ? size + step : size - step;
  return (
    <ConfirmDialog
      title={action === 'grow' ? `Grow the pool of ${worker.name}?` : `Shrink the pool of ${worker.name}?`}
      verb={action === 'grow' ? 'Grow' : 'Shrink'}
      calm={action === 'grow'}
      act={() => told(tell.changePool(worker, action, step))}
      onClose={onClose}
    >
      <label>
        Processes or threads {action === 'grow' ? 'more' : 'fewer'}
        <input
          className="field"
          type="number"
          required
          min={1}
          max={action === 'shrink' && size !== null ? Math.max(size - 1, 1) : 1000}
          value={by}
          onChange={(event) => setBy(event.target.value)}
        />
      </label>
      <p>
        {after !== null && size !== null && after > 0 && (
          <>
            It runs {counted(size, 'task')} at once now, and {after} then.{' '}
          </>
        )}
        {action === 'shrink' ? 'Idle processes go first; a running task is not broken off. ' : ''}
        This holds until the worker restarts.
      </p>
    </ConfirmDialog>
  );
}

export function RestartPoolDialog({ worker, onClose }: Props) {
  const told = useTold();
  const running = worker.active_tasks?.length ?? null;
  return (
    <ConfirmDialog
      title={`Restart the pool of ${worker.name}?`}
      verb="Restart"
      typed
      act={() => told(tell.changePool(worker, 'restart', 1))}
      onClose={onClose}
    >
      <p>
        Every process of the pool is replaced by a new one; the worker itself stays.
        {running === null
          ? ' What it runs may be broken off.'
          : running > 0 && ` It runs ${counted(running, 'task')}, which may be broken off.`}{' '}
        Celery refuses unless <code>worker_pool_restarts</code> is set.
      </p>
    </ConfirmDialog>
  );
}

export function AutoscaleDialog({ worker, onClose }: Props) {
  const now = worker.pool.autoscale;
  const [minimum, setMinimum] = useState(String(now?.minimum ?? 1));
  const [maximum, setMaximum] = useState(String(now?.maximum ?? worker.pool.max_concurrency ?? 4));
  const told = useTold();
  return (
    <ConfirmDialog
      title={`Change the bounds of ${worker.name}?`}
      verb="Change"
      calm
      act={() => told(tell.autoscale(worker, Number(minimum), Number(maximum)))}
      onClose={onClose}
    >
      <div className="form-row">
        <label>
          Processes when idle
          <input
            className="field"
            type="number"
            required
            min={0}
            max={maximum}
            value={minimum}
            onChange={(event) => setMinimum(event.target.value)}
          />
        </label>
        <label>
          Processes when busy
          <input
            className="field"
            type="number"
            required
            min={1}
            max={1000}
            value={maximum}
            onChange={(event) => setMaximum(event.target.value)}
          />
        </label>
      </div>
      <p>
        {now === null
          ? 'It does not resize itself now: Celery refuses unless the worker was started with --autoscale.'
          : `It keeps between ${now.minimum} and ${now.maximum} now. This holds until it restarts.`}
      </p>
    </ConfirmDialog>
  );
}
