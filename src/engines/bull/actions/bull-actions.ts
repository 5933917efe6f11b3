import type { Clock } from '../../../core/clock.js';
import type { QueueActionReport, QueueActionRequest } from '../../../core/queue-action.js';
import type { LogPage, LogPageRequest } from '../../../core/queue-engine.js';
import type { ScheduleAction, ScheduleActionReport } from '../../../core/schedule-action.js';
import type { TaskAction, TaskActionReport } from '../../../core/task-action.js';
import { readJobLogs } from '../../jobs/job-logs.js';
import type { RedisLink } from '../../redis/redis-link.js';
import type { BullQueueRegistry } from '../bull-queue-registry.js';
import type { BullRevoker } from '../bull-revoker.js';
import type { BullTaskReader } from '../bull-task-reader.js';
import { BullQueueActions } from './bull-queue-actions.js';
import { BullScheduleActions } from './bull-schedule-actions.js';
import { BullTaskActions } from './bull-task-actions.js';

export interface BullActionsOptions {
  readonly link: RedisLink;
  readonly registry: BullQueueRegistry;
  readonly reader: BullTaskReader;
  readonly revoker: BullRevoker;
  readonly clock: Clock;
  readonly denied: (feature: string) => void;
}

/** Everything that may be changed in a source, put together; and read of what was logged. */
export class BullActions {
  readonly #link: RedisLink;
  readonly #registry: BullQueueRegistry;
  readonly #tasks: BullTaskActions;
  readonly #queues: BullQueueActions;
  readonly #schedules: BullScheduleActions;

  constructor({ link, registry, reader, revoker, clock, denied }: BullActionsOptions) {
    this.#link = link;
    this.#registry = registry;
    this.#tasks = new BullTaskActions({
      link,
      reader,
      revoke: (id, job, signal) => revoker.revoke(id, [job], { terminate: false, signal: null }, signal),
      denied,
    });
    this.#queues = new BullQueueActions({
      link,
      registry,
      clock,
      gone: (queue, tasks, jobIds) => {
        if (tasks === 'waiting' || tasks === 'delayed') revoker.removed(queue, jobIds);
      },
      denied,
    });
    this.#schedules = new BullScheduleActions({
      link,
      registry,
      clock,
      gone: (queue, jobId) => revoker.removed(queue, [jobId]),
      denied,
    });
  }

  async logs(id: string, page: LogPageRequest, signal: AbortSignal): Promise<LogPage | null> {
    for (const { queue, jobId } of this.#registry.readings(id)) {
      const found = await readJobLogs(this.#link, queue.at(jobId), page, signal);
      if (found) return found;
    }
    return null;
  }

  act(id: string, action: TaskAction, signal: AbortSignal): Promise<TaskActionReport> {
    return this.#tasks.act(id, this.#registry.readings(id), action, signal);
  }

  actOnQueue(queue: string, request: QueueActionRequest, signal: AbortSignal): Promise<QueueActionReport> {
    return this.#queues.act(queue, request, signal);
  }

  actOnSchedule(queue: string, id: string, action: ScheduleAction, signal: AbortSignal): Promise<ScheduleActionReport> {
    return this.#schedules.act(queue, id, action, signal);
  }
}
