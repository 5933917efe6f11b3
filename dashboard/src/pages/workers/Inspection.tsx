import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { answered, client } from '../../api/client.js';
import type { Worker } from '../../api/model.js';
import { useCan } from '../../api/queries.js';
import type { components } from '../../api/schema.js';
import { CopyButton } from '../../components/CopyButton.js';
import { JsonTree } from '../../components/JsonTree.js';
import { Answered } from '../../components/PageState.js';
import { Panel } from '../../components/Panel.js';
import { filterValue, TasksLink } from '../../components/ScopedLink.js';
import { ShortList } from '../../components/ShortList.js';
import { Time } from '../../components/Time.js';
import { Unknown } from '../../components/Unknown.js';
import { duration } from '../../format/durations.js';
import { count } from '../../format/numbers.js';

type Told = components['schemas']['WorkerInspectionDto'];
type Registered = components['schemas']['RegisteredTaskDto'];

/** From so many on a field narrows them down. */
const FILTER_FROM = 12;

/** What the worker tells of itself when it is asked: tasks with their limits, settings, figures. Asked once, and again by hand. */
export function Inspection({ worker }: { readonly worker: Worker }) {
  const able = useCan()(worker.source, 'inspect-worker') && worker.up;
  const query = useQuery({
    queryKey: ['inspection', worker.source, worker.name, worker.started_at],
    queryFn: ({ signal }) =>
      answered(
        client.GET('/api/v1/celery/workers/{name}/inspection', {
          params: { path: { name: worker.name }, query: { source: worker.source } },
          signal,
        }),
      ),
    enabled: able,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!able && query.data === undefined) return null;
  const asked = (
    <span className="hint">
      {query.dataUpdatedAt > 0 && <Time at={new Date(query.dataUpdatedAt).toISOString()} />}{' '}
      <button
        type="button"
        className="button small"
        disabled={query.isFetching || !able}
        onClick={() => void query.refetch()}
      >
        Ask again
      </button>
    </span>
  );
  return (
    <>
      <Panel title="Tasks it could run" more={asked}>
        <Answered query={query} rows={4}>
          {(told) => <Tasks told={told} />}
        </Answered>
      </Panel>
      {query.data !== undefined && <Words told={query.data} />}
    </>
  );
}

function Tasks({ told: { tasks, total_tasks: total } }: { readonly told: Told }) {
  const [narrowed, setNarrowed] = useState('');
  if (tasks === null) return <Unknown why="It has not answered" />;
  const shown = tasks.filter(({ name }) => name.toLowerCase().includes(narrowed.trim().toLowerCase()));
  return (
    <>
      {tasks.length > FILTER_FROM && (
        <input
          className="field"
          type="search"
          aria-label="Only tasks whose name holds"
          placeholder="part of a name"
          value={narrowed}
          onChange={(event) => setNarrowed(event.target.value)}
        />
      )}
      <div className="scrolling">
        <ShortList
          rows={shown.map((task) => ({
            key: task.name,
            name: <TasksLink q={`name:${filterValue(task.name)}`}>{task.name}</TasksLink>,
            facts: limits(task),
          }))}
        />
      </div>
      {shown.length === 0 && <p className="nothing">No name holds that.</p>}
      {total !== null && total > tasks.length && <p className="hint">and {count(total - tasks.length)} more</p>}
    </>
  );
}

function limits(task: Registered): string {
  const { rate_limit: rate, soft_time_limit_seconds: soft, time_limit_seconds: hard, max_retries: retries } = task;
  const said = [
    ...(rate === null ? [] : [`at most ${rate}`]),
    ...(soft === null ? [] : [`told to end after ${duration(soft)}`]),
    ...(hard === null ? [] : [`killed after ${duration(hard)}`]),
    ...(retries === null ? [] : [`${retries} retries`]),
  ];
  return said.length === 0 ? 'no limits' : said.join(', ');
}

/** What it says in its engine's own words. */
function Words({ told: { settings, statistics, revoked, total_revoked: total } }: { readonly told: Told }) {
  return (
    <>
      <InWords title="Configuration" value={settings} what="the configuration">
        What its application has changed from the engine's defaults; secrets are left out.
      </InWords>
      <InWords title="Its own figures" value={statistics} what="the figures" />
      {revoked !== null && revoked.length > 0 && (
        <Panel title={`Will not run (${count(total ?? revoked.length)})`}>
          <ul className="scrolling mono">
            {revoked.map((id) => (
              <li key={id}>
                {id} <CopyButton text={id} what="the id" />
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </>
  );
}

interface WordsProps {
  readonly title: string;
  readonly value: unknown;
  readonly what: string;
  readonly children?: ReactNode;
}

function InWords({ title, value, what, children }: WordsProps) {
  if (value === null || value === undefined) return null;
  return (
    <Panel title={title}>
      <p className="hint">{children}</p>
      <div className="scrolling">
        <JsonTree value={value} what={what} />
      </div>
    </Panel>
  );
}
