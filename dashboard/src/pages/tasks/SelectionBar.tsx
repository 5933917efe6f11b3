import { useState } from 'react';
import type { TaskSummary } from '../../api/model.js';
import { useCan } from '../../api/queries.js';
import { ActionButton } from '../../components/ActionButton.js';
import { ScopedLink, taskPath } from '../../components/ScopedLink.js';
import { count, counted } from '../../format/numbers.js';
import { BulkDialog } from './bulk/BulkDialog.js';
import { BULK_ACTS, type BulkAct } from './bulk/bulk-acts.js';
import { type BulkTarget, tickedFor } from './bulk/bulk-target.js';

interface Props {
  readonly target: BulkTarget;
  /** How many tasks the list's filter selects, if it is known. */
  readonly total: number | undefined;
  readonly chooseAll: () => void;
  readonly clear: () => void;
}

/** What can be done to what is chosen: tasks that were ticked, or all that match. */
export function SelectionBar({ target, total, chooseAll, clear }: Props) {
  const can = useCan();
  const [asking, setAsking] = useState<BulkAct | null>(null);
  const possible = BULK_ACTS.map((act) => ({ act, size: sizeFor(act, target, can) })).filter(({ size }) => size > 0);
  const chosen = target.kind === 'ticked' ? target.tasks.length : target.total;
  return (
    <div className="selection" role="toolbar" aria-label="Selected tasks">
      <strong>{target.kind === 'ticked' ? `${counted(chosen, 'task')} selected` : 'All that match selected'}</strong>
      {target.kind === 'ticked' && total !== undefined && total > chosen && (
        <button type="button" className="button" onClick={chooseAll}>
          Select all {count(total)} that match
        </button>
      )}
      {possible.map(({ act, size }) => (
        <ActionButton key={act.verb} operation="createBulkOperation" onClick={() => setAsking(act)}>
          {act.verb} {target.kind === 'matching' || size === chosen ? '…' : `${count(size)} …`}
        </ActionButton>
      ))}
      {target.kind === 'ticked' && <CompareLink tasks={target.tasks} />}
      <button type="button" className="button" onClick={clear}>
        Select none
      </button>
      {asking !== null && <BulkDialog act={asking} target={target} onClose={() => setAsking(null)} />}
    </div>
  );
}

/** Two that were ticked can be laid beside one another. */
function CompareLink({ tasks: [one, other, third] }: { readonly tasks: readonly TaskSummary[] }) {
  if (one === undefined || other === undefined || third !== undefined) return null;
  return (
    <ScopedLink
      to={taskPath(one.task_id)}
      with={{ source: one.source, against: other.task_id, beside: other.source }}
      className="button"
    >
      Compare
    </ScopedLink>
  );
}

/** How many it may be done to; of what matches only the dry run knows. */
function sizeFor(act: BulkAct, target: BulkTarget, can: ReturnType<typeof useCan>): number {
  const able = (source: string) => can(source, act.capability);
  if (target.kind === 'matching') return target.sources.some(able) ? target.total : 0;
  return tickedFor(act, target.tasks).filter(({ source }) => able(source)).length;
}
