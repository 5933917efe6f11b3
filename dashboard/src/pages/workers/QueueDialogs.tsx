import { useId, useState } from 'react';
import type { Worker } from '../../api/model.js';
import { useQueues } from '../../api/queries.js';
import { ConfirmDialog } from '../../components/ConfirmDialog.js';
import { useTold } from './use-told.js';
import { worker as tell } from './worker-commands.js';

interface Props {
  readonly worker: Worker;
  readonly onClose: () => void;
}

export function AddQueueDialog({ worker, onClose }: Props) {
  const [queue, setQueue] = useState('');
  const told = useTold();
  const list = useId();
  const { data } = useQueues();
  const known = (data?.queues ?? []).filter(
    ({ source, name }) => source === worker.source && !worker.queues?.includes(name),
  );
  return (
    <ConfirmDialog
      title={`Let ${worker.name} take from one more queue?`}
      verb="Add"
      calm
      act={() => told(tell.addQueue(worker, queue.trim()))}
      onClose={onClose}
    >
      <label>
        Queue
        <input
          className="field"
          required
          maxLength={512}
          list={list}
          value={queue}
          autoComplete="off"
          onChange={(event) => setQueue(event.target.value)}
        />
        <datalist id={list}>
          {known.map(({ name }) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </label>
      <p>It begins to take tasks from there at once. A queue that does not exist is made. Holds until it restarts.</p>
    </ConfirmDialog>
  );
}

export function CancelQueueDialog({ worker, queue, onClose }: Props & { readonly queue: string }) {
  const told = useTold();
  const last = worker.queues?.length === 1;
  return (
    <ConfirmDialog
      title={`Stop ${worker.name} from taking from ${queue}?`}
      verb="Stop"
      typed={last}
      act={() => told(tell.cancelQueue(worker, queue))}
      onClose={onClose}
    >
      <p>
        What it has taken already it still runs; what waits in {queue} is left to other workers.
        {last && ' It is the only queue of this worker: it will have nothing to do.'} Holds until it restarts.
      </p>
    </ConfirmDialog>
  );
}
