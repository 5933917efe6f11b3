import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useDeferredValue, useId, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { answered, client } from '../api/client.js';
import { Dialog } from '../components/Dialog.js';
import { filterValue, taskPath } from '../components/ScopedLink.js';
import { TASK_STATE } from '../components/State.js';
import { scopedSearch } from '../scope/scope.js';
import { addressOf, usePages } from './pages.js';

const TASKS_SHOWN = 8;

interface Choice {
  readonly key: string;
  readonly label: string;
  readonly hint: string;
  readonly path: string;
  readonly search: Readonly<Record<string, string>>;
}

/** Goes to a page, to a task by its id or name, or to all tasks that match. */
export function CommandPalette({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useState('');
  const [marked, setMarked] = useState(0);
  const navigate = useNavigate();
  const [parameters] = useSearchParams();
  const list = useId();
  const choices = useChoices(text.trim());
  const at = Math.min(marked, choices.length - 1);

  const go = (choice: Choice | undefined) => {
    if (choice === undefined) return;
    onClose();
    void navigate({ pathname: choice.path, search: scopedSearch(parameters, choice.search) });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') {
      event.preventDefault();
      go(choices[at]);
      return;
    }
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0 || choices.length === 0) return;
    event.preventDefault();
    setMarked((at + step + choices.length) % choices.length);
  };

  return (
    <Dialog label="Search" className="palette" onClose={onClose}>
      <input
        className="palette-field"
        autoFocus
        role="combobox"
        aria-label="Search, or a task id"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={choices[at] === undefined ? undefined : `${list}-${at}`}
        placeholder="A page, a task id, a name"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setMarked(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={list} role="listbox" aria-label="Found" className="palette-list">
        {choices.map((choice, index) => (
          <div
            key={choice.key}
            id={`${list}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            className="palette-choice"
            onMouseMove={() => setMarked(index)}
            onClick={() => go(choice)}
          >
            <span>{choice.label}</span>
            <span className="hint">{choice.hint}</span>
          </div>
        ))}
      </div>
    </Dialog>
  );
}

function useChoices(text: string): readonly Choice[] {
  const known = usePages();
  const wanted = useDeferredValue(text);
  const hasTasks = known.some(({ path }) => path.startsWith('tasks'));
  const { data } = useQuery({
    queryKey: ['palette', wanted],
    enabled: hasTasks && wanted.length > 1,
    queryFn: ({ signal }) =>
      answered(
        client.GET('/api/v1/celery/tasks', {
          params: { query: { q: filterValue(wanted), limit: TASKS_SHOWN } },
          signal,
        }),
      ),
  });
  const lower = text.toLowerCase();
  const pages = known
    .filter(({ title }) => title.toLowerCase().includes(lower))
    .map((page) => ({
      key: `page ${page.path}`,
      label: page.title,
      hint: `g ${page.key}`,
      path: addressOf(page),
      search: {},
    }));
  if (!hasTasks || text === '') return pages;
  const tasks = (wanted.length > 1 ? (data?.items ?? []) : []).map((task) => ({
    key: `task ${task.source} ${task.task_id}`,
    label: task.task_id,
    hint: `${task.task_name ?? 'unknown name'}, ${TASK_STATE[task.state].word}`,
    path: taskPath(task.task_id),
    search: { source: task.source },
  }));
  return [
    ...tasks,
    ...pages,
    {
      key: 'open',
      label: `Open the task “${text}”`,
      hint: 'by its id',
      path: taskPath(text),
      search: {},
    },
    {
      key: 'all',
      label: `All tasks that match “${text}”`,
      hint: 'Tasks',
      path: '/tasks',
      search: { q: filterValue(text) },
    },
  ];
}
