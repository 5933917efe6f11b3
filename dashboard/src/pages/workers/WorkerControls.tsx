import { useState } from 'react';
import type { Worker } from '../../api/model.js';
import { useCan } from '../../api/queries.js';
import { ActionButton } from '../../components/ActionButton.js';
import type { Control } from '../../components/control.js';
import { RateLimitDialog, TimeLimitDialog } from './LimitDialogs.js';
import { AutoscaleDialog, ResizeDialog, RestartPoolDialog } from './PoolDialog.js';
import { AddQueueDialog } from './QueueDialogs.js';
import { StampDialog } from './StampDialog.js';
import { EventsDialog, ShutDownDialog } from './SwitchDialogs.js';

const CONTROLS = [
  { id: 'grow', label: 'Grow pool', needs: 'resize-pool', operation: 'changeWorkerPool' },
  { id: 'shrink', label: 'Shrink pool', needs: 'resize-pool', operation: 'changeWorkerPool' },
  { id: 'autoscale', label: 'Autoscale', needs: 'autoscale', operation: 'setWorkerAutoscale' },
  { id: 'restart', label: 'Restart pool', needs: 'restart-pool', operation: 'changeWorkerPool' },
  { id: 'queue', label: 'Add queue', needs: 'worker-queues', operation: 'addWorkerQueue' },
  { id: 'rate', label: 'Rate limit', needs: 'rate-limit', operation: 'setTaskRateLimit' },
  { id: 'time', label: 'Time limit', needs: 'time-limit', operation: 'setTaskTimeLimit' },
  { id: 'stamp', label: 'Revoke by stamp', needs: 'revoke-stamped', operation: 'revokeStampedTasks' },
  { id: 'events', label: 'Events', needs: 'worker-events', operation: 'setWorkerEvents' },
  { id: 'shutdown', label: 'Shut down', needs: 'shutdown-worker', operation: 'shutdownWorker' },
] as const satisfies readonly Control[];

type ControlId = (typeof CONTROLS)[number]['id'];

/** A button for whatever can be told to this worker; none for one that has gone. */
export function WorkerControls({ worker }: { readonly worker: Worker }) {
  const [open, setOpen] = useState<ControlId | null>(null);
  const can = useCan();
  const possible = worker.up ? CONTROLS.filter(({ needs }) => can(worker.source, needs)) : [];
  // An open dialog outlives its button: it shows the answer of a worker that has gone because of it.
  if (possible.length === 0 && open === null) return null;
  return (
    <div className="worker-controls" role="group" aria-label={`Controls of ${worker.name}`}>
      {possible.map(({ id, label, operation }) => (
        <ActionButton
          key={id}
          operation={operation}
          className={id === 'shutdown' ? 'button danger' : 'button'}
          onClick={() => setOpen(id)}
        >
          {id === 'events' ? (worker.events_enabled === true ? 'Events off' : 'Events on') : label} …
        </ActionButton>
      ))}
      {open !== null && <ControlDialog id={open} worker={worker} onClose={() => setOpen(null)} />}
    </div>
  );
}

interface DialogProps {
  readonly id: ControlId;
  readonly worker: Worker;
  readonly onClose: () => void;
}

/** Stands still while it is open: what is asked about is the worker as it was when the button was pressed. */
function ControlDialog({ id, worker: latest, onClose }: DialogProps) {
  const [worker] = useState(latest);
  const props = { worker, onClose };
  switch (id) {
    case 'grow':
    case 'shrink':
      return <ResizeDialog {...props} action={id} />;
    case 'autoscale':
      return <AutoscaleDialog {...props} />;
    case 'restart':
      return <RestartPoolDialog {...props} />;
    case 'queue':
      return <AddQueueDialog {...props} />;
    case 'rate':
      return <RateLimitDialog {...props} />;
    case 'time':
      return <TimeLimitDialog {...props} />;
    case 'stamp':
      return <StampDialog {...props} />;
    case 'events':
      return <EventsDialog {...props} />;
    case 'shutdown':
      return <ShutDownDialog {...props} />;
  }
}
