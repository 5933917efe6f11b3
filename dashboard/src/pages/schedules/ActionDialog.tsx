import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Schedule } from '../../api/model.js';
import { ConfirmDialog } from '../../components/ConfirmDialog.js';
import { ScopedLink } from '../../components/ScopedLink.js';
import { Time } from '../../components/Time.js';
import { type ActionId, edit, type Rhythm, remove, run } from './actions.js';
import { rhythm } from './columns.js';

interface Props {
  readonly schedule: Schedule;
  readonly onClose: () => void;
}

export function ActionDialog({ action, ...props }: Props & { readonly action: ActionId }) {
  switch (action) {
    case 'run':
      return <RunDialog {...props} />;
    case 'edit':
      return <EditDialog {...props} />;
    case 'remove':
      return <RemoveDialog {...props} />;
  }
}

type Report = Awaited<ReturnType<typeof run>>;

/** Does it, has the page ask anew, and shows what was found afterwards. */
function useActing(): (doing: Promise<Report>) => Promise<React.ReactNode> {
  const queries = useQueryClient();
  return async (doing) => {
    const { message, task_id, after, source } = await doing;
    void queries.invalidateQueries({ queryKey: ['schedules'] });
    void queries.invalidateQueries({ queryKey: ['queues'] });
    return (
      <>
        <p>{message}</p>
        {task_id !== null && (
          <p>
            Its task:{' '}
            <ScopedLink to={`/tasks/${encodeURIComponent(task_id)}`} with={{ source }}>
              {task_id}
            </ScopedLink>
          </p>
        )}
        {after !== null && (
          <p className="hint">
            It repeats {rhythm(after)}, next <Time at={after.next_at} />.
          </p>
        )}
      </>
    );
  };
}

function RunDialog({ schedule, onClose }: Props) {
  const acting = useActing();
  return (
    <ConfirmDialog
      title={`Run ${schedule.name} now?`}
      verb="Run now"
      calm
      act={() => acting(run(schedule))}
      onClose={onClose}
    >
      <p>
        One more task goes into {schedule.queue}, as the schedule would put it there. The schedule goes on as before:
        next <Time at={schedule.next_at} />.
      </p>
    </ConfirmDialog>
  );
}

function RemoveDialog({ schedule, onClose }: Props) {
  const acting = useActing();
  return (
    <ConfirmDialog
      title={`Remove the schedule of ${schedule.name}?`}
      verb="Remove"
      typed
      act={() => acting(remove(schedule))}
      onClose={onClose}
    >
      <p>
        It repeats {rhythm(schedule)}. With it goes its next run; what runs or has run stays. An application that adds
        it when it starts will bring it back.
      </p>
    </ConfirmDialog>
  );
}

function EditDialog({ schedule, onClose }: Props) {
  const [byCron, setByCron] = useState(schedule.cron !== null);
  const [cron, setCron] = useState(schedule.cron ?? '');
  const [zone, setZone] = useState(schedule.time_zone ?? '');
  const [every, setEvery] = useState(String(schedule.every_seconds ?? 60));
  const acting = useActing();
  const wished = (): Rhythm => {
    if (!byCron) return { every_seconds: Number(every) };
    return zone.trim() === '' ? { cron: cron.trim() } : { cron: cron.trim(), time_zone: zone.trim() };
  };
  return (
    <ConfirmDialog
      title={`Change when ${schedule.name} runs?`}
      verb="Change"
      calm
      act={() => acting(edit(schedule, wished()))}
      onClose={onClose}
    >
      <fieldset>
        <legend className="visually-hidden">How it repeats</legend>
        <label className="menu-item">
          <input type="radio" name="rhythm" checked={byCron} onChange={() => setByCron(true)} />
          By a cron expression
        </label>
        <label className="menu-item">
          <input type="radio" name="rhythm" checked={!byCron} onChange={() => setByCron(false)} />
          Every so many seconds
        </label>
      </fieldset>
      {byCron ? (
        <div className="form-row">
          <label>
            Cron expression
            <input
              className="field mono"
              required
              maxLength={256}
              placeholder="0 3 * * *"
              value={cron}
              onChange={(event) => setCron(event.target.value)}
            />
          </label>
          <label>
            Time zone
            <input
              className="field"
              maxLength={64}
              placeholder="as it was"
              value={zone}
              onChange={(event) => setZone(event.target.value)}
            />
          </label>
        </div>
      ) : (
        <label>
          Seconds
          <input
            className="field"
            type="number"
            required
            min={0.001}
            step="any"
            value={every}
            onChange={(event) => setEvery(event.target.value)}
          />
        </label>
      )}
      <p>What it runs, its limit and its dates stay as they are. Now it repeats {rhythm(schedule)}.</p>
    </ConfirmDialog>
  );
}
