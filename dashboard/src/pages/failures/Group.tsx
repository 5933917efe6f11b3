import { useState } from 'react';
import { Sparkline } from '../../charts/Sparkline.js';
import { Icon } from '../../components/Icon.js';
import { Count } from '../../components/Numbers.js';
import { filterValue, ScopedLink, TasksLink, taskPath } from '../../components/ScopedLink.js';
import { Time } from '../../components/Time.js';
import { counted } from '../../format/numbers.js';
import { SampleTraceback } from './SampleTraceback.js';
import type { FailureGroup } from './use-failures.js';

interface Props {
  readonly group: FailureGroup;
  readonly pinned: boolean;
  readonly pin: () => void;
}

/** One cause: how often, since when, where, and a sample to look into. */
export function Group({ group, pinned, pin }: Props) {
  const [open, setOpen] = useState(false);
  const { type, message, count, first_seen: first, last_seen: last, trend, names, workers, sample } = group;
  const label = `${type}: ${message}`;
  return (
    <li className="panel failure-group">
      <div className="failure-count">
        <TasksLink q={filterOf(group)} title="The tasks that failed so">
          <Count value={count} />
        </TasksLink>
        <Sparkline values={trend} tone="failure" label={`Trend of ${label}`} width={120} />
      </div>
      <div className="failure-words">
        <h2>
          {type}
          <button
            type="button"
            className="icon-button"
            aria-pressed={pinned}
            aria-label={`${pinned ? 'Unpin' : 'Pin'} ${type}`}
            title={pinned ? 'Unpin' : 'Keep on top'}
            onClick={pin}
          >
            <Icon name={pinned ? 'check' : 'pin'} size={14} />
          </button>
        </h2>
        <p className="failure-message">{message}</p>
        <p className="failure-tools">
          <button type="button" className="button small" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? 'Fold the sample' : 'Show a sample'}
          </button>
          <ScopedLink to={taskPath(sample.task_id)} with={{ source: sample.source }}>
            {sample.task_id}
          </ScopedLink>
        </p>
      </div>
      <div className="failure-where">
        <p className="hint">
          first <Time at={first} why="Not known" />, last <Time at={last} why="Not known" />
        </p>
        <Where title="in" entries={names} field="name" type={type} />
        <Where title="on" entries={workers} field="worker" type={type} />
      </div>
      {open && (
        <div className="failure-sample">
          <SampleTraceback id={sample.task_id} source={sample.source} />
        </div>
      )}
    </li>
  );
}

interface WhereProps {
  readonly title: string;
  readonly entries: FailureGroup['names'];
  readonly field: 'name' | 'worker';
  readonly type: string;
}

function Where({ title, entries, field, type }: WhereProps) {
  if (entries.length === 0) return null;
  return (
    <p>
      <span className="hint">{title} </span>
      {entries.map(({ name, count }, at) => (
        <span key={name}>
          {at > 0 && ', '}
          <TasksLink
            q={`error:${filterValue(type)} and ${field}:${filterValue(name)}`}
            title={counted(count, 'failure')}
          >
            {name}
          </TasksLink>{' '}
          <span className="hint">
            <Count value={count} />
          </span>
        </span>
      ))}
    </p>
  );
}

/** The tasks of a cause, as near as the filter language comes: by its class, and by the name where all have one. */
function filterOf({ type, names }: FailureGroup): string {
  const [only, ...others] = names;
  const byName = only !== undefined && others.length === 0 ? ` and name:${filterValue(only.name)}` : '';
  return `state:FAILURE and error:${filterValue(type)}${byName}`;
}
