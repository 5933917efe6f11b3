import type { Queue } from '../../api/model.js';
import { Badge } from '../../components/State.js';

type Known = Pick<Queue, 'paused' | 'consumers' | 'length' | 'orphaned' | 'unattended'>;

/** The worst that is to be said of a queue, in a word. */
export function QueueState({ queue }: { readonly queue: Known }) {
  return <Badge {...lookOf(queue)} />;
}

/** The same as a word to sort and filter by. */
export function wordOf(queue: Known): string {
  return lookOf(queue).word;
}

function lookOf(queue: Known) {
  if (queue.unattended === true) {
    return { word: 'unattended', tone: 'failure', icon: 'cross', title: 'Tasks wait, and nobody takes them' } as const;
  }
  if (queue.paused === true) {
    return { word: 'paused', tone: 'retry', icon: 'pause', title: 'No task is begun until it is resumed' } as const;
  }
  if ((queue.orphaned ?? 0) > 0) {
    return { word: 'orphans', tone: 'lost', icon: 'broken', title: 'Active tasks whose worker is gone' } as const;
  }
  if (queue.length > 0) {
    return { word: 'waiting', tone: 'unknown', icon: 'half', title: 'Tasks wait for a worker' } as const;
  }
  return { word: 'empty', tone: 'unknown', icon: 'circle', title: 'Nothing waits' } as const;
}
