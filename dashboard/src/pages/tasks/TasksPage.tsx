import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { ApiError } from '../../api/problem.js';
import { useSources } from '../../api/queries.js';
import { Empty, Failed, Loading } from '../../components/PageState.js';
import { Table } from '../../components/Table.js';
import { counted } from '../../format/numbers.js';
import { useScope, useSetParameters } from '../../scope/scope.js';
import type { BulkTarget } from './bulk/bulk-target.js';
import { RecentOperations } from './bulk/RecentOperations.js';
import { COLUMNS, keyOf } from './columns.js';
import { Export } from './Export.js';
import { FilterBar } from './FilterBar.js';
import { SelectionBar } from './SelectionBar.js';
import { SidePanel } from './SidePanel.js';
import { NewTask } from './send/NewTask.js';
import { type Sort, useTaskList } from './use-task-list.js';
import { Views } from './Views.js';
import './tasks.css';

const SORTS: readonly Sort[] = [
  '-sent',
  'sent',
  '-started',
  'started',
  '-finished',
  'finished',
  '-runtime',
  'runtime',
  '-name',
  'name',
];

/** Every task that a filter selects. The address holds filter, order and the open task: who gets it sees the same. */
export function TasksPage() {
  const [parameters] = useSearchParams();
  const set = useSetParameters();
  const { range, rangeChosen, rangeSeconds, source } = useScope();
  const filter = parameters.get('q') ?? '';
  const sort = SORTS.find((known) => known === parameters.get('sort')) ?? '-sent';
  const open = parameters.get('open');
  const [scrolled, setScrolled] = useState(false);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [all, setAll] = useState<{ readonly of: string; readonly target: BulkTarget } | null>(null);
  const sources = useSources().data?.items ?? [];
  const { asked, pages, known, busy, rows, total, waiting, accept, more } = useTaskList(
    filter,
    sort,
    scrolled || selected.size > 0,
  );
  // Another filter selects other tasks.
  const selects = JSON.stringify([filter, source, rangeChosen, range]);
  const matching = all?.of === selects ? all.target : null;
  const clear = () => {
    setSelected(new Set());
    setAll(null);
  };
  const chooseAll = () =>
    setAll({
      of: selects,
      target: {
        kind: 'matching',
        filter,
        until: new Date().toISOString(),
        since: rangeChosen ? new Date(Date.now() - rangeSeconds * 1_000).toISOString() : null,
        source,
        sources: source === null ? sources.map((known) => known.source) : [source],
        total: total ?? rows.length,
      },
    });

  const refused = pages.error instanceof ApiError && pages.error.problem.status === 400 ? pages.error.problem : null;
  const problem = refused?.errors.find(({ field }) => field === 'q') ?? null;
  const failed = pages.data === undefined && pages.error !== null && problem === null;
  const toggle = (key: string) => {
    setAll(null);
    const next = new Set(selected);
    if (!next.delete(key)) next.add(key);
    setSelected(next);
  };

  return (
    <>
      <h1 className="visually-hidden">Tasks</h1>
      <div className="tasks-head">
        <FilterBar filter={filter} change={(next) => set({ q: next })} problem={problem} />
        <Views />
        <Export asked={asked} total={total} />
      </div>
      <div className="tasks-status">
        <p role="status">
          {total !== undefined ? counted(total, 'task') : problem === null ? '…' : ''}
          {rangeChosen && (
            <span className="chip">
              <span className="chip-text">sent in the last {range}</span>
              <button type="button" className="chip-remove" aria-label="Any time" onClick={() => set({ range: null })}>
                ×
              </button>
            </span>
          )}
        </p>
        {waiting > 0 && (
          <button
            type="button"
            className="button small"
            onClick={() => {
              accept();
              document.querySelector('.table')?.scrollTo({ top: 0 });
            }}
          >
            {counted(waiting, 'new')}
          </button>
        )}
        <div className="tasks-tools">
          <NewTask />
          <RecentOperations />
          {selected.size === 0 && matching === null && total !== undefined && total > 0 && (
            <button type="button" className="button small" onClick={chooseAll}>
              Select all
            </button>
          )}
        </div>
      </div>
      {(selected.size > 0 || matching !== null) && (
        <SelectionBar
          target={matching ?? { kind: 'ticked', tasks: rows.filter((task) => selected.has(keyOf(task))) }}
          total={total}
          chooseAll={chooseAll}
          clear={clear}
        />
      )}
      {failed && <Failed error={pages.error} retry={() => void pages.refetch()} />}
      {!known && pages.error === null && <Loading rows={12} />}
      {known && !failed && (
        <div className="tasks-body">
          <Table
            id="tasks"
            label="Tasks"
            rows={rows}
            rowKey={keyOf}
            columns={COLUMNS}
            total={total ?? rows.length}
            busy={busy}
            sort={{
              state: [{ id: sort.replace('-', ''), desc: sort.startsWith('-') }],
              change: ([first]) => {
                const wanted = first === undefined ? null : `${first.desc ? '-' : ''}${first.id}`;
                set({ sort: wanted === '-sent' ? null : wanted });
              },
            }}
            onOpen={(task) => set({ open: task.task_id, of: task.source })}
            openKey={open === null ? null : keyOf({ source: parameters.get('of') ?? '', task_id: open })}
            selection={{ keys: matching === null ? selected : new Set(rows.map(keyOf)), toggle }}
            onEnd={more}
            onScrolled={setScrolled}
            empty={<NoTasks filtered={filter !== '' || rangeChosen} />}
          />
          {open !== null && (
            <SidePanel id={open} source={parameters.get('of')} close={() => set({ open: null, of: null })} />
          )}
        </div>
      )}
    </>
  );
}

function NoTasks({ filtered }: { readonly filtered: boolean }) {
  if (filtered) {
    return (
      <Empty title="No task matches">
        <p>Take a term of the filter away, or choose a longer time.</p>
      </Empty>
    );
  }
  return (
    <Empty title="No task has been seen yet" command="celery -A app worker -E">
      <p>
        Tasks appear here as soon as one is sent. Celery tells of them only where its workers run with <code>-E</code>:
      </p>
    </Empty>
  );
}
