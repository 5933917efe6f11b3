import { useState } from 'react';
import type { Worker } from '../../api/model.js';
import { ConfirmDialog } from '../../components/ConfirmDialog.js';
import { useTold } from './use-told.js';
import { revokeStamped } from './worker-commands.js';

interface Props {
  readonly worker: Worker;
  readonly onClose: () => void;
}

/** Celery 5.3 and later: tasks that carry a stamp are revoked together, wherever they are. */
export function StampDialog({ worker, onClose }: Props) {
  const [stamp, setStamp] = useState('');
  const [values, setValues] = useState('');
  const [terminate, setTerminate] = useState(false);
  const told = useTold();
  const wanted = values
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '');
  return (
    <ConfirmDialog
      title={`Revoke every task of ${worker.source} with a stamp?`}
      verb="Revoke"
      typed
      blocked={wanted.length === 0}
      act={() => told(revokeStamped(worker.source, stamp.trim(), wanted, terminate))}
      onClose={onClose}
    >
      <div className="form-row">
        <label>
          Name of the stamp
          <input
            className="field"
            required
            maxLength={512}
            placeholder="tenant"
            value={stamp}
            onChange={(event) => setStamp(event.target.value)}
          />
        </label>
        <label>
          Values, separated by commas
          <input
            className="field"
            required
            placeholder="acme"
            value={values}
            onChange={(event) => setValues(event.target.value)}
          />
        </label>
      </div>
      <label className="menu-item">
        <input type="checkbox" checked={terminate} onChange={(event) => setTerminate(event.target.checked)} />
        Also stop those that already run
      </label>
      <p>
        Not only on this worker: every worker of {worker.source} that is up is told, and runs no task that carries one
        of these values. Nobody can tell beforehand how many there are.
      </p>
    </ConfirmDialog>
  );
}
