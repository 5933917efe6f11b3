import type { QueueActionReport } from '../../api/model.js';
import { Facts } from '../../components/Facts.js';
import { Badge } from '../../components/State.js';
import { count } from '../../format/numbers.js';

/** What was done to a queue, and how it stood before and after. */
export function QueueOutcome({ report }: { readonly report: QueueActionReport }) {
  const { before, after, removed_count, complete } = report;
  const changed = (name: string, from: number | null, to: number | null | undefined) => {
    if (from === null) return [];
    const then = to === undefined ? 'gone' : to === null ? 'unknown' : count(to);
    return [{ name, value: from === to ? then : `${count(from)} → ${then}` }];
  };
  return (
    <div>
      <p>
        {complete ? (
          <Badge word="done" tone="success" icon="check" />
        ) : (
          <Badge word="not all of it yet: ask again to go on" tone="retry" icon="half" />
        )}
      </p>
      <p>{report.message}</p>
      <Facts
        facts={[
          ...(removed_count === null ? [] : [{ name: 'Removed', value: count(removed_count) }]),
          ...changed('Waiting', before.waiting, after?.waiting),
          ...changed('Running', before.active, after?.active),
          ...changed('Delayed', before.delayed, after?.delayed),
          ...changed('Succeeded, kept', before.succeeded, after?.succeeded),
          ...changed('Failed, kept', before.failed, after?.failed),
        ]}
      />
    </div>
  );
}
