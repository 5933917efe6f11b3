import { useQueues, useSources, useSummary, useWorkers } from '../../api/queries.js';
import { filterValue } from '../../components/ScopedLink.js';
import { TASK_STATE } from '../../components/State.js';
import type { Typing } from './task-filter.js';

interface Suggestion {
  /** What is put in. */
  readonly text: string;
  readonly hint: string;
}

const FIELDS: readonly Suggestion[] = [
  { text: 'state:', hint: 'waiting, running, failed …' },
  { text: 'name:', hint: 'the whole name, or its beginning and *' },
  { text: 'queue:', hint: 'where it waits' },
  { text: 'worker:', hint: 'who runs it' },
  { text: 'error:', hint: 'exception class, or a word of the message' },
  { text: 'runtime:', hint: 'runtime:>5s' },
  { text: 'attempts:', hint: 'attempts:>1' },
  { text: 'sent:', hint: 'sent:>-15m' },
  { text: 'started:', hint: 'started:>-1h' },
  { text: 'finished:', hint: 'finished:>2026-01-02T10:30' },
  { text: 'id:', hint: 'the id' },
  { text: 'source:', hint: 'one of the sources' },
];

const EXAMPLES: Readonly<Record<string, readonly Suggestion[]>> = {
  runtime: ['>1s', '>10s', '>1m', '<100ms'].map((text) => ({ text, hint: 'run time' })),
  attempts: ['>1', '>3', '1'].map((text) => ({ text, hint: 'attempts started' })),
  sent: ['>-15m', '>-1h', '>-1d'].map((text) => ({ text, hint: 'since so long ago' })),
  started: ['>-15m', '>-1h', '>-1d'].map((text) => ({ text, hint: 'since so long ago' })),
  finished: ['>-15m', '>-1h', '>-1d'].map((text) => ({ text, hint: 'since so long ago' })),
};

const SHOWN = 8;

/** What could be meant by what is being typed. */
export function useSuggestions({ field, text }: Typing): readonly Suggestion[] {
  const names = useSummary().data?.per_task ?? [];
  const queues = useQueues().data?.queues ?? [];
  const workers = useWorkers().data?.workers ?? [];
  const sources = useSources().data?.items ?? [];
  const wanted = text.toLowerCase().replaceAll('"', '');
  const fitting = (all: readonly Suggestion[]) =>
    all
      .filter((one) => one.text.toLowerCase().includes(wanted) || one.hint.toLowerCase().startsWith(wanted))
      .slice(0, SHOWN);
  const named = (all: readonly { readonly name: string; readonly hint: string }[]) => {
    const distinct = new Map(all.map(({ name, hint }) => [name, hint]));
    return fitting([...distinct].map(([name, hint]) => ({ text: filterValue(name), hint })));
  };

  switch (field) {
    case null:
      return fitting(FIELDS);
    case 'state':
      return fitting(Object.entries(TASK_STATE).map(([state, { word }]) => ({ text: state, hint: word })));
    case 'name':
      return named(names.map((name) => ({ name: name.task_name, hint: name.source })));
    case 'queue':
      return named(queues.map((queue) => ({ name: queue.name, hint: queue.source })));
    case 'worker':
      return named(workers.map((worker) => ({ name: worker.name, hint: worker.status })));
    case 'source':
      return named(sources.map((source) => ({ name: source.source, hint: source.engine })));
    default:
      return fitting(EXAMPLES[field] ?? []);
  }
}
