import { useMemo, useState } from 'react';
import type { Schedule } from '../../api/model.js';
import { PageHead } from '../../components/PageHead.js';
import { Answered, Empty } from '../../components/PageState.js';
import { Table } from '../../components/Table.js';
import { counted } from '../../format/numbers.js';
import { ActionDialog } from './ActionDialog.js';
import type { ActionId } from './actions.js';
import { columnsWith } from './columns.js';
import { ScheduleDialog } from './ScheduleDialog.js';
import { useSchedules } from './use-schedules.js';
import './schedules.css';

type Schedules = NonNullable<ReturnType<typeof useSchedules>['data']>;

/** Everything that repeats, the next to run first; what has missed its time says so. */
export function SchedulesPage() {
  const query = useSchedules();
  return (
    <Answered query={query} rows={8}>
      {(schedules) => <Listed schedules={schedules} />}
    </Answered>
  );
}

interface Open {
  readonly schedule: Schedule;
  /** null shows it. */
  readonly action: ActionId | null;
}

function Listed({ schedules: { items, total, sources } }: { readonly schedules: Schedules }) {
  const [open, setOpen] = useState<Open | null>(null);
  const columns = useMemo(() => columnsWith((schedule, action) => setOpen({ schedule, action })), []);
  const missed = items.filter((schedule) => schedule.missed).length;
  const close = () => setOpen(null);
  const celery = sources.some(({ engine }) => engine === 'celery');

  return (
    <>
      <PageHead
        title="Schedules"
        beside={
          <span className="hint">
            {counted(total, 'schedule')}
            {total > items.length && `, the first ${items.length} shown`}
            {missed > 0 && (
              <>
                , <strong className="bad">{missed} missed</strong>
              </>
            )}
          </span>
        }
      />
      {celery && (
        <p className="hint">
          Of Celery stands here what its workers have configured for beat. Whether a beat runs, when it last sent, and
          what one with a store of its own repeats, is told to nobody.
        </p>
      )}
      <Table
        id="schedules"
        label="Schedules"
        rows={items}
        rowKey={({ source, id }) => `${source} ${id}`}
        columns={columns}
        defaultSort={[{ id: 'next', desc: false }]}
        onOpen={(schedule) => setOpen({ schedule, action: null })}
        empty={
          <Empty title="Nothing repeats" command="await queue.add('report', {}, { repeat: { cron: '0 3 * * *' } })">
            <p>Here stand Bull's repeatable jobs and BullMQ's job schedulers, with their next and missed runs.</p>
          </Empty>
        }
      />
      {open !== null && open.action === null && (
        <ScheduleDialog
          schedule={open.schedule}
          onAct={(action) => setOpen({ schedule: open.schedule, action })}
          onClose={close}
        />
      )}
      {open !== null && open.action !== null && (
        <ActionDialog schedule={open.schedule} action={open.action} onClose={close} />
      )}
    </>
  );
}
