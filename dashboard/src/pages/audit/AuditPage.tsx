import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { answered, client } from '../../api/client.js';
import { Dialog } from '../../components/Dialog.js';
import { JsonTree } from '../../components/JsonTree.js';
import { ChoiceField, FindField } from '../../components/PageFilter.js';
import { PageHead } from '../../components/PageHead.js';
import { Answered, Empty } from '../../components/PageState.js';
import { Table } from '../../components/Table.js';
import { useScope } from '../../scope/scope.js';
import { type AuditRecord, COLUMNS } from './columns.js';

const OUTCOMES = ['allowed', 'refused', 'failed'] as const;
const PAGE = 100;
/** What somebody has just done is to be seen here at once. */
const EVERY_MS = 1_000;

/** Who did, or tried to do, what; the newest first. */
export function AuditPage() {
  const [parameters] = useSearchParams();
  const { live } = useScope();
  const [open, setOpen] = useState<AuditRecord | null>(null);
  const who = parameters.get('who') ?? '';
  const outcome = OUTCOMES.find((known) => known === parameters.get('outcome')) ?? null;
  const query = useInfiniteQuery({
    queryKey: ['audit', who, outcome],
    queryFn: ({ signal, pageParam }) =>
      answered(
        client.GET('/api/v1/celery/audit', {
          params: {
            query: {
              ...(who === '' ? {} : { who }),
              ...(outcome === null ? {} : { outcome }),
              ...(pageParam === null ? {} : { cursor: pageParam }),
              limit: PAGE,
            },
          },
          signal,
        }),
      ),
    initialPageParam: firstPage(),
    getNextPageParam: (last) => last.next_cursor,
    // Every page that was read is asked again, so only while there is one.
    refetchInterval: ({ state }) => (live && (state.data?.pages.length ?? 0) <= 1 ? EVERY_MS : false),
  });

  return (
    <>
      <PageHead title="Audit" beside={<span className="hint">who changed what, and who was refused</span>}>
        <FindField parameter="who" label="Who" placeholder="Who, by the whole name" />
        <ChoiceField
          parameter="outcome"
          label="Outcome"
          value={outcome}
          none="any outcome"
          options={OUTCOMES.map((known) => ({ value: known, words: known }))}
        />
      </PageHead>
      <Answered query={query} rows={12}>
        {({ pages }) => (
          <Table
            id="audit"
            label="Audit"
            rows={pages.flatMap(({ items }) => items)}
            rowKey={(record) => String(record.number)}
            columns={COLUMNS}
            onOpen={setOpen}
            onEnd={() => {
              if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
            }}
            empty={
              <Empty title={who === '' && outcome === null ? 'Nobody has changed anything yet' : 'No record matches'}>
                <p>
                  Every change of a task, a queue, a worker or an access right is written down here, refused ones too.
                </p>
              </Empty>
            }
          />
        )}
      </Answered>
      {open !== null && (
        <Dialog label={`Record ${open.number}`} onClose={() => setOpen(null)}>
          <h2>
            {open.who ?? 'nobody'}: {open.action}
          </h2>
          <p>{open.message ?? open.outcome}</p>
          <JsonTree value={open} what="the record" />
          <div className="dialog-actions">
            <button type="button" className="button" onClick={() => setOpen(null)}>
              Close
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}

function firstPage(): string | null {
  return null;
}
