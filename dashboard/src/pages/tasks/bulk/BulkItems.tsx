import { useState } from 'react';
import { ScopedLink, taskPath } from '../../../components/ScopedLink.js';
import { Badge } from '../../../components/State.js';
import { count } from '../../../format/numbers.js';
import { type BulkOperation, type BulkOutcome, ITEMS_SHOWN, useBulkItems } from './bulk-operations.js';

const LOOK = {
  done: { word: 'done', tone: 'success', icon: 'check' },
  refused: { word: 'refused', tone: 'failure', icon: 'cross' },
  failed: { word: 'failed', tone: 'lost', icon: 'broken' },
  cancelled: { word: 'left alone', tone: 'unknown', icon: 'slash' },
  waiting: { word: 'its turn is to come', tone: 'unknown', icon: 'circle' },
} as const satisfies Record<BulkOutcome, object>;

const OUTCOMES = ['refused', 'failed', 'done', 'cancelled', 'waiting'] as const satisfies readonly BulkOutcome[];

/** What has come of each task, and why not; by outcome where there are many. */
export function BulkItems({ operation }: { readonly operation: BulkOperation }) {
  const { id, counts, matched_count: all } = operation;
  const [outcome, setOutcome] = useState<BulkOutcome | null>(null);
  // In steps of a fiftieth: a long list is not asked for anew with every task.
  const step = Math.floor(((all - counts.waiting) / Math.max(all, 1)) * 50);
  const { data, error } = useBulkItems(id, outcome, step);
  const items = data?.items ?? [];
  return (
    <>
      <div className="bulk-tools" role="group" aria-label="Show">
        <button type="button" className="button small" aria-pressed={outcome === null} onClick={() => setOutcome(null)}>
          all {count(all)}
        </button>
        {OUTCOMES.filter((each) => counts[each] > 0).map((each) => (
          <button
            key={each}
            type="button"
            className="button small"
            aria-pressed={outcome === each}
            onClick={() => setOutcome(each)}
          >
            {each === 'waiting' ? 'to come' : LOOK[each].word} {count(counts[each])}
          </button>
        ))}
      </div>
      {error !== null && <p className="bad">{error.message}</p>}
      <ul className="report" aria-label="What has come of each">
        {items.map((item) => (
          <li key={`${item.source} ${item.task_id}`}>
            <Badge {...LOOK[item.outcome]} />
            <ScopedLink
              to={taskPath(item.task_id)}
              className="mono"
              {...(item.source === null ? {} : { with: { source: item.source } })}
            >
              {item.task_id}
            </ScopedLink>
            {item.message !== null && <span className="hint">{item.message}</span>}
          </li>
        ))}
      </ul>
      {data !== undefined && data.total > ITEMS_SHOWN && (
        <p className="hint">The first {ITEMS_SHOWN} are shown; the file holds all.</p>
      )}
    </>
  );
}
