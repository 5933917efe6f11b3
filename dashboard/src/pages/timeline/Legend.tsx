import type { RefObject } from 'react';
import type { TaskState } from '../../api/model.js';
import { TaskStateBadge } from '../../components/State.js';

const SHOWN: readonly TaskState[] = ['STARTED', 'SUCCESS', 'RETRY', 'FAILURE', 'REVOKED', 'REJECTED', 'LOST'];
const NEVER: readonly TaskState[] = ['PENDING', 'RECEIVED'];

/** What the colours mean, in words; the canvas takes its colours from here. */
export function Legend({ from }: { readonly from: RefObject<HTMLUListElement | null> }) {
  return (
    <ul ref={from} className="timeline-legend" aria-label="States">
      {SHOWN.map((state) => (
        <li key={state} data-state={state}>
          <TaskStateBadge state={state} />
        </li>
      ))}
      <li className="hint">hatched: not everything is known</li>
      {NEVER.map((state) => (
        <li key={state} data-state={state} hidden>
          <TaskStateBadge state={state} />
        </li>
      ))}
      <li className="timeline-probe" hidden />
    </ul>
  );
}
