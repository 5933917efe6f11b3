import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ActionButton } from '../../../components/ActionButton.js';
import { Icon } from '../../../components/Icon.js';
import { Answered } from '../../../components/PageState.js';
import { csv, saveFile } from '../../../components/save-file.js';
import { count, counted } from '../../../format/numbers.js';
import { BulkItems } from './BulkItems.js';
import { allBulkItems, type BulkOperation, cancelBulk, useBulkOperation } from './bulk-operations.js';

/** One operation on many tasks: how far it has come, a way to stop it, and what has come of each task. */
export function BulkProgress({ id }: { readonly id: string }) {
  const query = useBulkOperation(id);
  return (
    <Answered query={query} rows={3}>
      {(operation) => <Shown operation={operation} />}
    </Answered>
  );
}

function Shown({ operation }: { readonly operation: BulkOperation }) {
  const { counts, matched_count: all } = operation;
  const over = all - counts.waiting;
  return (
    <section className="bulk" aria-label="Progress">
      <div className="progress">
        <progress value={over} max={Math.max(all, 1)} aria-label="Tasks dealt with" />
        <span className="number">
          {count(over)} of {count(all)}
        </span>
      </div>
      <p role="status">{sentence(operation)}</p>
      <div className="bulk-tools">
        {operation.state === 'running' && <Cancel operation={operation} />}
        <Download operation={operation} />
      </div>
      <BulkItems operation={operation} />
    </section>
  );
}

function sentence(operation: BulkOperation): string {
  const { done, refused, failed, cancelled } = operation.counts;
  const parts = [
    `${counted(done, 'task')} done`,
    `${count(refused)} refused`,
    `${count(failed)} failed`,
    ...(cancelled > 0 ? [`${count(cancelled)} left alone`] : []),
  ];
  return `${STATE_WORDS[operation.state]}: ${parts.join(', ')}.`;
}

const STATE_WORDS: Readonly<Record<BulkOperation['state'], string>> = {
  'dry-run': 'Only counted',
  running: 'Under way',
  cancelling: 'Stopping',
  cancelled: 'Stopped',
  finished: 'Finished',
};

/** What has begun is still awaited; nothing more is begun. */
function Cancel({ operation }: { readonly operation: BulkOperation }) {
  const queries = useQueryClient();
  const [failed, setFailed] = useState<string | null>(null);
  const cancel = async () => {
    try {
      queries.setQueryData(['bulk-operation', operation.id], await cancelBulk(operation.id));
      setFailed(null);
    } catch (error) {
      setFailed(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <>
      <ActionButton operation="cancelBulkOperation" className="button danger" onClick={() => void cancel()}>
        Stop here
      </ActionButton>
      {failed !== null && <span className="bad">{failed}</span>}
    </>
  );
}

function Download({ operation: { id } }: { readonly operation: BulkOperation }) {
  const [failed, setFailed] = useState<string | null>(null);
  const download = async () => {
    try {
      const items = await allBulkItems(id);
      const rows = items.map((item) => [item.task_id, item.source, item.outcome, item.reason, item.message]);
      saveFile('report.csv', 'text/csv', csv(['task_id', 'source', 'outcome', 'reason', 'message'], rows));
      setFailed(null);
    } catch (error) {
      setFailed(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <>
      <button type="button" className="button" onClick={() => void download()}>
        <Icon name="download" size={14} /> Report as CSV
      </button>
      {failed !== null && <span className="bad">{failed}</span>}
    </>
  );
}
