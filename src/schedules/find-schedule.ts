import { ScheduleNotFound } from '../core/errors.js';
import type { Schedule } from '../core/queue.js';
import type { Capability } from '../core/queue-engine.js';
import type { Source } from '../core/source.js';
import { theOnly, unheard } from '../http/find-by-name.js';
import type { QueueInspector } from '../queue-inspector/queue-inspector.js';

export interface FoundSchedule {
  readonly source: Source;
  readonly queue: string;
  readonly schedule: Schedule;
  readonly capabilities: ReadonlySet<Capability>;
}

/**
 * The schedule that is meant: by `<queue>:<key>`, else by its key alone where only one has it. Errors: ScheduleNotFound, AmbiguousName,
 * SourceNotFound, SourceUnavailable.
 */
export async function findSchedule(inspector: QueueInspector, id: string, source?: string): Promise<FoundSchedule> {
  const views = await inspector.look(source);
  const all = views.flatMap((view) =>
    (view.snapshot?.queues ?? []).flatMap((queue) =>
      (queue.schedules ?? []).map((schedule) => ({
        source: view.source,
        item: { queue: queue.name, schedule, capabilities: view.capabilities },
      })),
    ),
  );
  const full = all.filter(({ item }) => `${item.queue}:${item.schedule.id}` === id);
  const found = full.length > 0 ? full : all.filter(({ item }) => item.schedule.id === id);
  const silent = unheard(views, source === undefined ? inspector.unresolved() : []);
  const only = theOnly('schedule', id, found, silent, (message) => new ScheduleNotFound(message, { id }));
  return { source: only.source, ...only.item };
}
