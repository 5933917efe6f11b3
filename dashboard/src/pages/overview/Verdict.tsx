import { Fragment, type ReactNode } from 'react';
import { useSilentSince } from '../../api/live.js';
import { ScopedLink } from '../../components/ScopedLink.js';
import { Time } from '../../components/Time.js';
import { duration } from '../../format/durations.js';
import { count, counted, rate } from '../../format/numbers.js';
import { finishedPerSecond, waitsTooLong } from './judgement.js';
import type { Known } from './known.js';

/** One sentence: all is well, with what that means, or what is wrong, each part a link. */
export function Verdict(known: Known) {
  const silent = useSilentSince();
  const troubles = troublesOf(known);
  // What was well when it was last heard of may be so no more.
  if (silent !== null) {
    return (
      <p className="verdict" data-tone="unknown" role="status">
        <strong>Not known:</strong> what is below is of <Time at={new Date(silent).toISOString()} as="clock" />.
      </p>
    );
  }
  if (troubles.length === 0) {
    return (
      <p className="verdict" data-tone="success" role="status">
        <strong>All well:</strong> {wellness(known)}
      </p>
    );
  }
  return (
    <p className="verdict" data-tone="failure" role="status">
      <strong>Trouble:</strong>{' '}
      {troubles.map((trouble, at) => (
        <Fragment key={trouble.key}>
          {at > 0 && <span className="dot"> · </span>}
          {trouble.text}
        </Fragment>
      ))}
    </p>
  );
}

const TROUBLES_SHOWN = 4;

interface Trouble {
  readonly key: string;
  readonly text: ReactNode;
}

function troublesOf({ sources, workers, queues }: Known): readonly Trouble[] {
  const away = (sources?.items ?? [])
    .filter(({ connection }) => connection === 'disconnected')
    .map((source) => ({
      key: `source ${source.source}`,
      text: (
        <>
          source {source.source} does not answer{source.problem === null ? '' : ` (${source.problem})`}
        </>
      ),
    }));
  const waiting = (queues?.queues ?? []).filter(waitsTooLong).map((queue) => ({
    key: `queue ${queue.source} ${queue.name}`,
    text: (
      <ScopedLink to={`/queues/${encodeURIComponent(queue.name)}`} with={{ in: queue.source }}>
        {queue.name} queue {behind(queue.oldest_waiting_seconds, queue.length)}
        {queue.consumers === 0 ? ' and nobody consumes it' : ''}
      </ScopedLink>
    ),
  }));
  const unwell = (workers?.workers ?? [])
    .filter(({ status }) => status === 'lost' || status === 'stalled')
    .map((worker) => ({
      key: `worker ${worker.source} ${worker.name}`,
      text: (
        <ScopedLink to={`/workers/${encodeURIComponent(worker.name)}`} with={{ in: worker.source }}>
          worker {worker.name} {worker.status}
        </ScopedLink>
      ),
    }));
  const all = [...away, ...waiting, ...unwell];
  if (all.length <= TROUBLES_SHOWN) return all;
  return [...all.slice(0, TROUBLES_SHOWN), { key: 'more', text: `and ${count(all.length - TROUBLES_SHOWN)} more` }];
}

function behind(oldest: number | null, length: number): string {
  return oldest === null ? `holds ${counted(length, 'task')}` : `${duration(oldest)} behind`;
}

function wellness({ numbers, sources, queues }: Known): string {
  const parts = [
    sources === undefined ? null : counted(sources.total, 'source'),
    counted(numbers.workers.up, 'worker'),
    rate(finishedPerSecond(numbers.per_task)),
    waitingWords(queues?.queues ?? []),
  ];
  return `${parts.filter((part) => part !== null).join(', ')}.`;
}

function waitingWords(queues: readonly { readonly oldest_waiting_seconds: number | null; readonly length: number }[]) {
  if (queues.every(({ length }) => length === 0)) return 'nothing waiting';
  const ages = queues.flatMap(({ oldest_waiting_seconds: age }) => (age === null ? [] : [age]));
  return ages.length === 0 ? null : `nothing waiting longer than ${duration(Math.max(...ages))}`;
}
