import { QueueNotFound } from '../core/errors.js';
import type { Queue } from '../core/queue.js';
import { theOnly, unheard } from '../http/find-by-name.js';
import type { QueueInspector } from '../queue-inspector/queue-inspector.js';

/** The one queue that is meant by a name, and when it was looked at. Errors: QueueNotFound, AmbiguousName, SourceNotFound, SourceUnavailable. */
export async function findQueue(
  inspector: QueueInspector,
  name: string,
  source?: string,
): Promise<{ readonly queue: Queue; readonly at: number | null }> {
  const views = await inspector.look(source);
  const found = views.flatMap((view) =>
    (view.snapshot?.queues ?? [])
      .filter((queue) => queue.name === name)
      .map((queue) => ({ source: view.source, item: { queue, at: view.snapshot?.at ?? null } })),
  );
  const silent = unheard(views, source === undefined ? inspector.unresolved() : []);
  return theOnly('queue', name, found, silent, (message) => new QueueNotFound(message, { name })).item;
}
