import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useCan } from '../../../api/queries.js';
import { ConfirmDialog } from '../../../components/ConfirmDialog.js';
import { count, counted } from '../../../format/numbers.js';
import { BulkProgress } from './BulkProgress.js';
import type { BulkAct } from './bulk-acts.js';
import { type BulkBody, type BulkOperation, createBulk } from './bulk-operations.js';
import { askedFor, type BulkTarget } from './bulk-target.js';

const RATES = [1, 10, 50, 200, 500] as const;
const DEFAULT_RATE = 50;

interface Props {
  readonly act: BulkAct;
  readonly target: BulkTarget;
  readonly onClose: () => void;
}

/** Counts first; begins with no more than were counted; then shows how far it has come, and what has come of each. */
export function BulkDialog({ act, target: latest, onClose }: Props) {
  // What is asked about is what was chosen when the button was pressed.
  const [target] = useState(latest);
  const [rate, setRate] = useState<number>(DEFAULT_RATE);
  const [terminate, setTerminate] = useState(false);
  const [resetAttempts, setResetAttempts] = useState(false);
  const queries = useQueryClient();
  const can = useCan();
  const body: BulkBody = {
    ...askedFor(act, target),
    action: act.action,
    dry_run: false,
    rate,
    terminate: act.action === 'revoke' && terminate,
    reset_attempts: act.action === 'retry' && resetAttempts,
  };
  const dry = useQuery({
    queryKey: ['dry run', act.action, target],
    queryFn: () => createBulk({ ...body, dry_run: true }),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  const matched = dry.data?.matched_count ?? null;
  const run = async () => {
    const { id } = await createBulk('q' in body && matched !== null ? { ...body, expected_count: matched } : body);
    void queries.invalidateQueries({ queryKey: ['tasks', 'bulk-operations'] });
    return <BulkProgress id={id} />;
  };
  const someCan = (capability: 'revoke-active' | 'retry-anew') =>
    sourcesOf(target).some((source) => can(source, capability));

  return (
    <ConfirmDialog
      title={matched === null ? `${act.verb} …?` : `${act.verb} ${counted(matched, 'task')}?`}
      verb={act.verb}
      size={matched ?? 1}
      blocked={matched === null || matched === 0}
      act={run}
      onClose={onClose}
    >
      <p role="status">
        {dry.error !== null ? <span className="bad">{dry.error.message}</span> : <Counted of={dry.data} />}
      </p>
      <p>{act.meaning}</p>
      {act.action === 'revoke' && someCan('revoke-active') && (
        <label className="menu-item">
          <input type="checkbox" checked={terminate} onChange={(event) => setTerminate(event.target.checked)} />
          Also stop those that run; otherwise they go on to their end
        </label>
      )}
      {act.action === 'retry' && someCan('retry-anew') && (
        <label className="menu-item">
          <input type="checkbox" checked={resetAttempts} onChange={(event) => setResetAttempts(event.target.checked)} />
          Count their attempts anew; refused where the engine cannot
        </label>
      )}
      <div className="form-row">
        <label>
          At most
          <select className="field" value={rate} onChange={(event) => setRate(Number(event.target.value))}>
            {RATES.map((each) => (
              <option key={each} value={each}>
                {each} a second
              </option>
            ))}
          </select>
        </label>
      </div>
    </ConfirmDialog>
  );
}

function Counted({ of: operation }: { readonly of: BulkOperation | undefined }) {
  if (operation === undefined) return <>Counting …</>;
  const { matched_count: matched, unsupported_count: unsupported, search_complete: complete } = operation;
  return (
    <>
      A dry run has found <strong>{counted(matched, 'task')}</strong> in a state that allows it, and no more than that
      are touched.
      {unsupported !== null && unsupported > 0 && (
        <> {count(unsupported)} of them are of sources that cannot do this, and will be refused.</>
      )}
      {!complete && <> There may be more: the search ended before it had seen all.</>}
    </>
  );
}

function sourcesOf(target: BulkTarget): readonly string[] {
  if (target.kind === 'ticked') return [...new Set(target.tasks.map(({ source }) => source))];
  return target.sources;
}
