import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { QueueDetail } from '../../api/model.js';
import { useCan } from '../../api/queries.js';
import { ActionButton } from '../../components/ActionButton.js';
import { ConfirmDialog } from '../../components/ConfirmDialog.js';
import type { Control } from '../../components/control.js';
import { counted } from '../../format/numbers.js';
import { QueueOutcome } from './QueueOutcome.js';
import { pause, resume } from './queue-commands.js';
import { CleanDialog, DrainDialog, ObliterateDialog } from './RemovalDialog.js';

const CONTROLS = [
  { id: 'pause', label: 'Pause', needs: 'pause-queue', operation: 'pauseQueue' },
  { id: 'clean', label: 'Clean', needs: 'clean-queue', operation: 'cleanQueue' },
  { id: 'drain', label: 'Drain', needs: 'drain-queue', operation: 'drainQueue' },
  { id: 'obliterate', label: 'Obliterate', needs: 'obliterate-queue', operation: 'obliterateQueue' },
] as const satisfies readonly Control[];

type ControlId = (typeof CONTROLS)[number]['id'];

/** A button for whatever can be done to this queue as a whole. */
export function QueueControls({ queue }: { readonly queue: QueueDetail }) {
  const [open, setOpen] = useState<{ readonly id: ControlId; readonly queue: QueueDetail } | null>(null);
  const can = useCan();
  const possible = CONTROLS.filter(({ needs }) => can(queue.source, needs));
  if (possible.length === 0 && open === null) return null;
  return (
    <div className="queue-controls" role="group" aria-label={`Controls of ${queue.name}`}>
      {possible.map(({ id, label, operation }) => (
        <ActionButton
          key={id}
          operation={id === 'pause' && queue.paused === true ? 'resumeQueue' : operation}
          className={id === 'obliterate' ? 'button danger' : 'button'}
          onClick={() => setOpen({ id, queue })}
        >
          {id === 'pause' && queue.paused === true ? 'Resume' : label} …
        </ActionButton>
      ))}
      {open !== null && <ControlDialog id={open.id} queue={open.queue} onClose={() => setOpen(null)} />}
    </div>
  );
}

interface DialogProps {
  readonly id: ControlId;
  readonly queue: QueueDetail;
  readonly onClose: () => void;
}

function ControlDialog({ id, ...props }: DialogProps) {
  switch (id) {
    case 'pause':
      return <PauseDialog {...props} />;
    case 'clean':
      return <CleanDialog {...props} />;
    case 'drain':
      return <DrainDialog {...props} />;
    case 'obliterate':
      return <ObliterateDialog {...props} />;
  }
}

function PauseDialog({ queue, onClose }: Omit<DialogProps, 'id'>) {
  const queries = useQueryClient();
  const paused = queue.paused === true;
  const act = async () => {
    const report = await (paused ? resume(queue) : pause(queue));
    void queries.invalidateQueries({ queryKey: ['queues'] });
    return <QueueOutcome report={report} />;
  };
  return (
    <ConfirmDialog
      title={paused ? `Resume ${queue.name}?` : `Pause ${queue.name}?`}
      verb={paused ? 'Resume' : 'Pause'}
      calm
      act={act}
      onClose={onClose}
    >
      <p>
        {paused
          ? `Its workers go on, with ${counted(queue.length, 'task')} that waited.`
          : 'No worker begins another task of it, until it is resumed. What runs is finished; what is added waits.'}
      </p>
    </ConfirmDialog>
  );
}
