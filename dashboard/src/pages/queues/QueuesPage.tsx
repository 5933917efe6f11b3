import { useMemo } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useQueues } from '../../api/queries.js';
import { Count } from '../../components/Numbers.js';
import { ChoiceField, FindField } from '../../components/PageFilter.js';
import { PageHead } from '../../components/PageHead.js';
import { Answered, Empty } from '../../components/PageState.js';
import { Table } from '../../components/Table.js';
import { counted } from '../../format/numbers.js';
import { scopedSearch } from '../../scope/scope.js';
import { Brokers } from './Brokers.js';
import { COLUMNS } from './columns.js';
import { wordOf } from './QueueState.js';
import './queues.css';

type Status = NonNullable<ReturnType<typeof useQueues>['data']>;

const STATES = ['unattended', 'paused', 'orphans', 'waiting', 'empty'] as const;

/** All queues, the longest first. */
export function QueuesPage() {
  const query = useQueues();
  return (
    <Answered query={query} rows={12}>
      {(status) => <Listed status={status} />}
    </Answered>
  );
}

function Listed({ status: { queues, summary, timestamp } }: { readonly status: Status }) {
  const navigate = useNavigate();
  const [parameters] = useSearchParams();
  const text = parameters.get('find') ?? '';
  const state = STATES.find((known) => known === parameters.get('state')) ?? null;

  const rows = useMemo(() => {
    const wanted = text.trim().toLowerCase();
    return queues
      .filter(({ name }) => name.toLowerCase().includes(wanted))
      .filter((queue) => state === null || wordOf(queue) === state)
      .map((queue) => ({ queue, at: timestamp }));
  }, [queues, text, state, timestamp]);

  return (
    <>
      <PageHead
        title="Queues"
        beside={
          <span className="hint">
            {counted(summary.queues, 'queue')}, <Count value={summary.length} /> waiting
            {summary.queues > queues.length && `, the first ${queues.length} shown`}
          </span>
        }
      >
        <FindField parameter="find" label="Find queues by name" placeholder="Name" />
        <ChoiceField
          parameter="state"
          label="State"
          value={state}
          none="any state"
          options={STATES.map((known) => ({
            value: known,
            words: `${known} (${queues.filter((queue) => wordOf(queue) === known).length})`,
          }))}
        />
      </PageHead>
      <Brokers />
      <Table
        id="queues"
        label="Queues"
        rows={rows}
        rowKey={({ queue }) => `${queue.source} ${queue.name}`}
        columns={COLUMNS}
        defaultSort={[{ id: 'length', desc: true }]}
        onOpen={({ queue: { name, source } }) => {
          const search = scopedSearch(parameters, { in: source });
          void navigate({ pathname: `/queues/${encodeURIComponent(name)}`, search });
        }}
        empty={
          queues.length === 0 ? (
            <Empty title="No queue is known yet">
              <p>
                Here stands every queue with what waits in it. A queue of Bull or BullMQ appears with its first task,
                one of Celery with its first worker or message.
              </p>
            </Empty>
          ) : (
            <Empty title="No queue is like this" />
          )
        }
      />
    </>
  );
}
