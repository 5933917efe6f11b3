import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { QueueDetail } from '../../api/model.js';
import { ConfirmDialog } from '../../components/ConfirmDialog.js';
import { counted } from '../../format/numbers.js';
import { QueueOutcome } from './QueueOutcome.js';
import { CLEANABLE, type Cleanable, type Removal, remove } from './queue-commands.js';

interface Props {
  readonly queue: QueueDetail;
  readonly onClose: () => void;
}

interface RemovalProps extends Props {
  readonly title: string;
  readonly verb: string;
  readonly what: Removal;
  /** The word must be typed however few there are. */
  readonly typed: boolean;
  readonly children: ReactNode;
}

/** Counts first; removes no more than were counted. */
function RemovalDialog({ queue, title, verb, what, typed, onClose, children }: RemovalProps) {
  const queries = useQueryClient();
  const dry = useQuery({
    queryKey: ['dry run', queue.source, queue.name, what],
    queryFn: () => remove(queue, what, null),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  const matched = dry.data?.matched_count ?? null;
  const act = async () => {
    // Where only looking at each would tell how many are old enough, the limit of the step bounds it.
    const report = await remove(queue, what, matched ?? 10_000);
    void queries.invalidateQueries({ queryKey: ['queues'] });
    return <QueueOutcome report={report} />;
  };
  return (
    <ConfirmDialog
      title={title}
      verb={verb}
      size={matched ?? 1}
      typed={typed}
      blocked={dry.data === undefined}
      act={act}
      onClose={onClose}
    >
      {children}
      <p role="status">
        {dry.error !== null ? (
          <span className="bad">{dry.error.message}</span>
        ) : dry.data === undefined ? (
          'Counting …'
        ) : matched === null ? (
          'How many are old enough only looking at each will tell.'
        ) : (
          <>
            Removes <strong>{counted(matched, 'task')}</strong>, and no more than that. They do not come back.
          </>
        )}
      </p>
    </ConfirmDialog>
  );
}

const WORDS: Readonly<Record<Cleanable, string>> = {
  failed: 'failed, kept',
  succeeded: 'succeeded, kept',
  delayed: 'delayed',
  waiting: 'waiting',
};

const AGES = [
  { seconds: 0, word: 'of any age' },
  { seconds: 3_600, word: 'older than an hour' },
  { seconds: 86_400, word: 'older than a day' },
  { seconds: 604_800, word: 'older than a week' },
] as const;

export function CleanDialog(props: Props) {
  const [tasks, setTasks] = useState<Cleanable>('failed');
  const [age, setAge] = useState(0);
  return (
    <RemovalDialog
      {...props}
      title={`Clean ${props.queue.name}?`}
      verb="Remove"
      what={{ kind: 'clean', tasks, olderThanSeconds: age }}
      typed={tasks === 'waiting' || tasks === 'delayed'}
    >
      <div className="form-row">
        <label>
          Which tasks
          <select
            className="field"
            value={tasks}
            onChange={(event) => setTasks(CLEANABLE.find((known) => known === event.target.value) ?? 'failed')}
          >
            {CLEANABLE.map((known) => (
              <option key={known} value={known}>
                {WORDS[known]}
              </option>
            ))}
          </select>
        </label>
        <label>
          Age
          <select className="field" value={age} onChange={(event) => setAge(Number(event.target.value))}>
            {AGES.map(({ seconds, word }) => (
              <option key={seconds} value={seconds}>
                {word}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p>Running tasks stay. At most 10 000 are removed at once.</p>
    </RemovalDialog>
  );
}

export function DrainDialog(props: Props) {
  const [delayed, setDelayed] = useState(false);
  return (
    <RemovalDialog {...props} title={`Drain ${props.queue.name}?`} verb="Drain" what={{ kind: 'drain', delayed }} typed>
      <p>
        Everything that waits is removed before it has run. What runs and what has finished stays, as does the queue.
      </p>
      {props.queue.engine !== 'celery' && (
        <label className="menu-item">
          <input type="checkbox" checked={delayed} onChange={(event) => setDelayed(event.target.checked)} />
          Also what waits for a time
        </label>
      )}
    </RemovalDialog>
  );
}

export function ObliterateDialog(props: Props) {
  const [force, setForce] = useState(false);
  return (
    <RemovalDialog
      {...props}
      title={`Obliterate ${props.queue.name}?`}
      verb="Obliterate"
      what={{ kind: 'obliterate', force }}
      typed
    >
      <p>The queue goes, for good, with everything in it: waiting, delayed and finished tasks, schedules, counters.</p>
      <label className="menu-item">
        <input type="checkbox" checked={force} onChange={(event) => setForce(event.target.checked)} />
        Also while tasks run: they are removed under their workers
      </label>
    </RemovalDialog>
  );
}
