import { QueueNotFound } from '../core/errors.js';
import type { Queue } from '../core/queue.js';
import type { Source } from '../core/source.js';
import { theOnly, unheard } from '../http/find-by-name.js';
import type { QueueInspector } from '../queue-inspector/queue-inspector.js';

export interface FoundQueue {
  readonly source: Source;
  readonly queue: Queue;
  /** When it was looked at. */
  readonly at: number | null;
}

/** The queue that is meant by a name. Errors: QueueNotFound, AmbiguousName, SourceNotFound, SourceUnavailable. */
export async function findQueue(inspector: QueueInspector, name: string, source?: string): Promise<FoundQueue> {
  const views = await inspector.look(source);
  const found = views.flatMap((view) =>
    (view.snapshot?.queues ?? [])
      .filter((queue) => queue.name === name)
      .map((queue) => ({ source: view.source, item: { queue, at: view.snapshot?.at ?? null } })),
  );
  const silent = unheard(views, source === undefined ? inspector.unresolved() : []);
  const only = theOnly('queue', name, found, silent, (message) => new QueueNotFound(message, { name }));
  return { source: only.source, ...only.item };
}
