import type { Schedule } from '../../api/model.js';
import { ActionButton } from '../../components/ActionButton.js';
import { CopyButton } from '../../components/CopyButton.js';
import { Dialog } from '../../components/Dialog.js';
import { Facts } from '../../components/Facts.js';
import { Count } from '../../components/Numbers.js';
import { Time } from '../../components/Time.js';
import { ACTIONS, type ActionId } from './actions.js';
import { QueueOf, rhythm } from './columns.js';

interface Props {
  readonly schedule: Schedule;
  readonly onAct: (action: ActionId) => void;
  readonly onClose: () => void;
}

/** Everything about one schedule, and what can be done to it: where the table is too narrow for either. */
export function ScheduleDialog({ schedule, onAct, onClose }: Props) {
  const { name, key, queue, source, engine, next_at, last_at, missed, missed_runs, capabilities, kept_in } = schedule;
  return (
    <Dialog label={`Schedule of ${name}`} onClose={onClose}>
      <h2>{name}</h2>
      <Facts
        facts={[
          { name: 'Repeats', value: <span className="mono">{rhythm(schedule)}</span> },
          {
            name: 'Next run',
            value:
              missed === true ? (
                <strong className="bad">overdue, and nothing stands for it: it will never run again by itself</strong>
              ) : (
                <Time at={next_at} why="No next run is known" />
              ),
          },
          { name: 'Last run', value: <Time at={last_at} why="It has not run yet, or nothing tells" /> },
          {
            name: 'Missed runs',
            value: <Count value={missed_runs} why="The runs of a cron expression are not counted" />,
          },
          {
            name: 'Queue',
            value: <QueueOf queue={queue} source={source} />,
          },
          { name: 'Source', value: `${source} (${engine})` },
          {
            name: 'Kept in',
            value:
              kept_in === 'broker'
                ? 'the broker'
                : 'the configuration of the workers: whether a beat runs it is not known',
          },
          {
            name: 'Key',
            value: (
              <>
                <span className="mono">{key}</span> <CopyButton text={key} what="the key" />
              </>
            ),
          },
        ]}
      />
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
        {ACTIONS.filter(({ needs }) => capabilities.includes(needs)).map(({ id, label, operation }) => (
          <ActionButton
            key={id}
            operation={operation}
            className={id === 'remove' ? 'button danger' : 'button'}
            onClick={() => onAct(id)}
          >
            {label} …
          </ActionButton>
        ))}
      </div>
    </Dialog>
  );
}
