import type { Worker } from '../../api/model.js';
import { ConfirmDialog } from '../../components/ConfirmDialog.js';
import { counted } from '../../format/numbers.js';
import { useTold } from './use-told.js';
import { worker as tell } from './worker-commands.js';

interface Props {
  readonly worker: Worker;
  readonly onClose: () => void;
}

export function EventsDialog({ worker, onClose }: Props) {
  const told = useTold();
  const enable = worker.events_enabled !== true;
  return (
    <ConfirmDialog
      title={enable ? `Switch on the task events of ${worker.name}?` : `Switch off the task events of ${worker.name}?`}
      verb={enable ? 'Switch on' : 'Switch off'}
      calm={enable}
      act={() => told(tell.switchEvents(worker, enable))}
      onClose={onClose}
    >
      <p>
        {enable
          ? 'From now on it tells what happens to its tasks, as with -E. Holds until it restarts.'
          : 'It runs on as before, but nobody hears of its tasks any more: neither this page, nor counters, nor alerts.'}
      </p>
    </ConfirmDialog>
  );
}

export function ShutDownDialog({ worker, onClose }: Props) {
  const told = useTold();
  const running = worker.active_tasks?.length ?? null;
  return (
    <ConfirmDialog
      title={`Shut down ${worker.name}?`}
      verb="Shut down"
      typed
      act={() => told(tell.shutDown(worker))}
      onClose={onClose}
    >
      <p>
        It takes no more tasks, finishes{' '}
        {running === null || running === 0 ? 'what it runs' : `the ${counted(running, 'task')} that it runs`}, and ends.
        What it had only reserved goes back to its queue. Whatever supervises it may start it again; nothing here can.
      </p>
    </ConfirmDialog>
  );
}
