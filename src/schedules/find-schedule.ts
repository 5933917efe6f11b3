import { ScheduleNotFound } from '../core/errors.js';
import { theOnly, unheard } from '../http/find-by-name.js';
import type { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { addressOf, type FoundSchedule, schedulesOf } from './listed-schedule.js';

/**
 * The schedule that is meant: by `<queue>:<key>`, else by its key alone where only one has it. Errors: ScheduleNotFound, AmbiguousName,
 * SourceNotFound, SourceUnavailable.
 */
export async function findSchedule(inspector: QueueInspector, id: string, source?: string): Promise<FoundSchedule> {
  const views = await inspector.look(source);
  const all = views.flatMap(schedulesOf).map((found) => ({ source: found.source, item: found }));
  const full = all.filter(({ item }) => addressOf(item.schedule) === id);
  const found = full.length > 0 ? full : all.filter(({ item }) => item.schedule.id === id);
  const silent = unheard(views, source === undefined ? inspector.unresolved() : []);
  return theOnly('schedule', id, found, silent, (message) => new ScheduleNotFound(message, { id })).item;
}
