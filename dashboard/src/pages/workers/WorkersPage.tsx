import type { SortingState } from '@tanstack/react-table';
import { useMemo, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import type { Worker, WorkerStatus } from '../../api/model.js';
import { useWorkers } from '../../api/queries.js';
import { ChoiceField, FindField } from '../../components/PageFilter.js';
import { PageHead } from '../../components/PageHead.js';
import { Answered, Empty } from '../../components/PageState.js';
import { WORKER_STATUS } from '../../components/State.js';
import { Table } from '../../components/Table.js';
import { counted } from '../../format/numbers.js';
import { scopedSearch } from '../../scope/scope.js';
import { COLUMNS, sortValueOf } from './columns.js';
import { GROUPINGS, rowsOf } from './worker-rows.js';
import './workers.css';

const GROUPING_WORDS = { host: 'by host', source: 'by source', none: 'ungrouped' } as const;

/** All workers, grouped; what is unwell can be picked out by its status. */
export function WorkersPage() {
  const query = useWorkers();
  return (
    <Answered query={query} rows={12}>
      {(data) => <Listed workers={data.workers} total={data.total_workers} up={data.workers_up} />}
    </Answered>
  );
}

interface Props {
  readonly workers: readonly Worker[];
  readonly total: number;
  readonly up: number;
}

function Listed({ workers, total, up }: Props) {
  const navigate = useNavigate();
  const [parameters] = useSearchParams();
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [sort, setSort] = useState<SortingState>([{ id: 'name', desc: false }]);
  const text = parameters.get('find') ?? '';
  const status = statusOf(parameters.get('status'));
  const grouping = GROUPINGS.find((known) => known === parameters.get('group')) ?? 'host';

  const rows = useMemo(() => {
    const fitting = workers.filter((worker) => (status === null || worker.status === status) && mentions(worker, text));
    return rowsOf(fitting, { grouping, folded, sort, sortValueOf });
  }, [workers, status, text, grouping, folded, sort]);

  const fold = (key: string) => {
    const next = new Set(folded);
    if (!next.delete(key)) next.add(key);
    setFolded(next);
  };

  return (
    <>
      <PageHead
        title="Workers"
        beside={
          <span className="hint">
            {upWords(up, total)}
            {total > workers.length && `, the first ${workers.length} shown`}
          </span>
        }
      >
        <FindField parameter="find" label="Find workers by name, host or queue" placeholder="Name, host, queue" />
        <ChoiceField
          parameter="status"
          label="Status"
          value={status}
          none="any status"
          options={Object.entries(WORKER_STATUS).map(([known, { word }]) => ({
            value: known,
            words: `${word} (${workers.filter((worker) => worker.status === known).length})`,
          }))}
        />
        <ChoiceField
          parameter="group"
          label="Grouping"
          value={grouping}
          options={GROUPINGS.map((known) => ({ value: known, words: GROUPING_WORDS[known] }))}
        />
      </PageHead>
      <Table
        id="workers"
        label="Workers"
        rows={rows}
        rowKey={({ key }) => key}
        columns={COLUMNS}
        sort={{ state: sort, change: setSort }}
        onOpen={(row) => {
          if (row.kind === 'group') fold(row.key);
          else {
            const { name, source } = row.worker;
            const search = scopedSearch(parameters, { in: source });
            void navigate({ pathname: `/workers/${encodeURIComponent(name)}`, search });
          }
        }}
        empty={
          workers.length === 0 ? (
            <Empty title="No worker has been seen yet" command="celery -A your_app worker -E">
              <p>
                Here stands every worker with what it runs. Celery workers appear as soon as they start; workers of Bull
                and BullMQ with their queue.
              </p>
            </Empty>
          ) : (
            <Empty title="No worker is like this" />
          )
        }
      />
    </>
  );
}

function upWords(up: number, total: number): string {
  if (total === 0) return 'none yet';
  return total === up ? `all ${counted(up, 'worker')} up` : `${up} of ${counted(total, 'worker')} up`;
}

function statusOf(text: string | null): WorkerStatus | null {
  const known: readonly WorkerStatus[] = ['online', 'suspect', 'silent', 'stalled', 'lost', 'offline'];
  return known.find((status) => status === text) ?? null;
}

function mentions({ name, host, queues }: Worker, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  return wanted === '' || [name, host ?? '', ...(queues ?? [])].some((said) => said.toLowerCase().includes(wanted));
}
