import type { QueueDetail } from '../../api/model.js';
import { Duration } from '../../components/Numbers.js';
import { Panel } from '../../components/Panel.js';
import { ScopedLink } from '../../components/ScopedLink.js';
import { ShortList } from '../../components/ShortList.js';
import { Time } from '../../components/Time.js';

const SHOWN = 20;

/** What repeats in this queue; what can be done about it is on the page of schedules. */
export function QueueSchedules({ queue: { schedules, source } }: { readonly queue: QueueDetail }) {
  if (schedules === null) return null;
  return (
    <Panel
      title="Schedules"
      isEmpty={schedules.length === 0}
      nothing="Nothing repeats in this queue."
      more={
        <ScopedLink to="/schedules" with={{ source }}>
          all
        </ScopedLink>
      }
    >
      <ShortList
        rows={schedules.slice(0, SHOWN).map((schedule) => ({
          key: schedule.id,
          name: schedule.name,
          facts: (
            <>
              {schedule.cron ?? (
                <>
                  every <Duration value={schedule.every_seconds} />
                </>
              )}
              ,{' '}
              {schedule.missed ? (
                <strong className="bad">missed</strong>
              ) : (
                <>
                  next <Time at={schedule.next_at} />
                </>
              )}
            </>
          ),
        }))}
      />
    </Panel>
  );
}
