import { WorkerNotFound } from '../core/errors.js';
import type { Worker } from '../core/worker.js';
import { theOnly, unheard } from '../http/find-by-name.js';
import type { QueueInspector } from '../queue-inspector/queue-inspector.js';
import type { SourceView } from '../queue-inspector/source-view.js';

/** The one worker that is meant by a name. Errors: WorkerNotFound, AmbiguousName, SourceNotFound, SourceUnavailable. */
export async function findWorker(
  inspector: QueueInspector,
  name: string,
  source?: string,
): Promise<{ readonly view: SourceView; readonly worker: Worker }> {
  const views = await inspector.look(source);
  const found = views.flatMap((view) =>
    inspector
      .workersOf(view)
      .filter((worker) => worker.name === name)
      .map((worker) => ({ source: view.source, item: { view, worker } })),
  );
  const silent = unheard(views, source === undefined ? inspector.unresolved() : []);
  return theOnly('worker', name, found, silent, (message) => new WorkerNotFound(message, { name })).item;
}
