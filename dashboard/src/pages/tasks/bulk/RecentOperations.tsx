import { useState } from 'react';
import { Dialog } from '../../../components/Dialog.js';
import { count } from '../../../format/numbers.js';
import { BulkProgress } from './BulkProgress.js';
import { type BulkOperation, isRunning, useBulkOperations } from './bulk-operations.js';

/** The way back to operations that go on without their dialog, or have ended within the hour. */
export function RecentOperations() {
  const { data } = useBulkOperations();
  const [open, setOpen] = useState<string | null>(null);
  const shown = (data?.items ?? []).filter(({ state }) => state !== 'dry-run').slice(0, 3);
  return (
    <>
      {shown.map((operation) => (
        <button key={operation.id} type="button" className="button small" onClick={() => setOpen(operation.id)}>
          {words(operation)}
        </button>
      ))}
      {open !== null && (
        <Dialog label="Many tasks at once" className="wide" onClose={() => setOpen(null)}>
          <h2>Many tasks at once</h2>
          <BulkProgress id={open} />
          <div className="dialog-actions">
            <button type="button" className="button" onClick={() => setOpen(null)}>
              Close
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}

function words(operation: BulkOperation): string {
  const { action, matched_count: all, counts } = operation;
  const over = all - counts.waiting;
  return isRunning(operation)
    ? `${action}: ${count(over)} of ${count(all)}`
    : `${action}: ${count(counts.done)} of ${count(all)} done`;
}
