import { useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { answered, client } from '../../../api/client.js';
import type { Source } from '../../../api/model.js';
import type { components } from '../../../api/schema.js';
import { Dialog } from '../../../components/Dialog.js';
import { Failed } from '../../../components/PageState.js';
import { ScopedLink, taskPath } from '../../../components/ScopedLink.js';
import { Time } from '../../../components/Time.js';
import { isList, isRecord, JsonField, useJsonField } from '../JsonField.js';
import { isSendable, useQueueNames, useSendableNames } from './use-names.js';
import { useWhen, When } from './When.js';
import './send.css';

type Sent = components['schemas']['SentTaskDto'];

interface Props {
  /** At least one. */
  readonly sources: readonly Source[];
  readonly onClose: () => void;
}

/** Sends a task that nobody has sent before. What the service refuses is said above what was typed, which stays. */
export default function SendDialog({ sources, onClose }: Props) {
  const [chosen, setChosen] = useState(sources[0]?.source);
  const [sent, setSent] = useState<Sent | null>(null);
  const source = sources.find((known) => known.source === chosen) ?? sources[0];
  return (
    <Dialog label="A new task" onClose={onClose}>
      <h2>A new task</h2>
      {sent === null && sources.length > 1 && (
        <label className="send-source">
          Source
          <select className="choice" value={source?.source} onChange={(event) => setChosen(event.target.value)}>
            {sources.map((known) => (
              <option key={known.source}>{known.source}</option>
            ))}
          </select>
        </label>
      )}
      {sent === null && source !== undefined && (
        <SendForm key={source.source} source={source} onSent={setSent} onClose={onClose} />
      )}
      {sent !== null && <Outcome sent={sent} onClose={onClose} />}
    </Dialog>
  );
}

interface FormProps {
  readonly source: Source;
  readonly onSent: (sent: Sent) => void;
  readonly onClose: () => void;
}

function SendForm({ source, onSent, onClose }: FormProps) {
  const queries = useQueryClient();
  const fields = useId();
  const names = useSendableNames(source);
  const queues = useQueueNames(source.source);
  const [name, setName] = useState('');
  const [queue, setQueue] = useState<string | null>(null);
  const args = useJsonField([], isList);
  const kwargs = useJsonField({}, isRecord);
  const when = useWhen();
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const forbidden = name !== '' && !isSendable(source.sendable, name);
  const ready = !sending && !forbidden && !args.wrong && !kwargs.wrong && !when.wrong;

  const send = async () => {
    setSending(true);
    setError(null);
    try {
      const sent = await answered(
        client.POST('/api/v1/celery/tasks', {
          params: { query: { source: source.source } },
          body: {
            name,
            queue: queue ?? queues[0] ?? '',
            args: args.edited ?? [],
            kwargs: kwargs.edited ?? {},
            delay_seconds: 0,
            ...when.asked,
          },
        }),
      );
      void queries.invalidateQueries({ queryKey: ['tasks'] });
      onSent(sent);
    } catch (problem) {
      setError(problem instanceof Error ? problem : new Error(String(problem)));
    } finally {
      setSending(false);
    }
  };

  return (
    <form
      className="send-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) void send();
      }}
    >
      <div aria-live="polite">{error !== null && <Failed error={error} />}</div>
      <label htmlFor={`${fields}-name`}>Name of the task</label>
      <input
        id={`${fields}-name`}
        className="field mono"
        required
        list={`${fields}-names`}
        autoComplete="off"
        spellCheck={false}
        aria-invalid={forbidden}
        aria-describedby={`${fields}-allowed`}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <datalist id={`${fields}-names`}>
        {names.map((known) => (
          <option key={known} value={known} />
        ))}
      </datalist>
      <p id={`${fields}-allowed`} className={forbidden ? 'bad' : 'hint'}>
        The settings allow <span className="mono">{source.sendable.join(', ')}</span>.
      </p>
      <label htmlFor={`${fields}-queue`}>Queue</label>
      <select
        id={`${fields}-queue`}
        className="choice"
        required
        value={queue ?? queues[0] ?? ''}
        onChange={(event) => setQueue(event.target.value)}
      >
        {queues.map((known) => (
          <option key={known}>{known}</option>
        ))}
      </select>
      <JsonField
        label="Arguments, a JSON list"
        field={args}
        expected="a list, such as [1, &quot;two&quot;]"
        placeholder="[]"
      />
      <JsonField
        label="Keyword arguments, a JSON object"
        field={kwargs}
        expected="an object in braces"
        placeholder="{}"
      />
      <When when={when} />
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className="button" disabled={!ready}>
          {sending ? 'Sending …' : 'Send'}
        </button>
      </div>
    </form>
  );
}

function Outcome({ sent, onClose }: { readonly sent: Sent; readonly onClose: () => void }) {
  const { task_id: id, name, queue, source, eta } = sent;
  return (
    <>
      <p role="status">
        The broker has taken <span className="mono">{name}</span> for the queue {queue}
        {eta !== null && (
          <>
            , to be run <Time at={eta} />
          </>
        )}
        . Whether a worker knows a task of this name is seen when it runs.
      </p>
      <p>
        <ScopedLink to={taskPath(id)} with={{ source }} className="mono">
          {id}
        </ScopedLink>
      </p>
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
      </div>
    </>
  );
}
