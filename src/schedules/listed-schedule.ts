import type { ConfiguredSchedule } from '../core/configured-schedule.js';
import type { Schedule } from '../core/queue.js';
import type { Capability } from '../core/queue-engine.js';
import type { Source } from '../core/source.js';
import type { SourceView } from '../queue-inspector/source-view.js';

/** A repeating task, wherever it is kept. */
export interface ListedSchedule extends Omit<Schedule, 'missed'> {
  /** null where it is not known. */
  readonly queue: string | null;
  /** null where nobody tells whether anything runs it. */
  readonly missed: boolean | null;
  readonly told: string | null;
  readonly keptIn: KeptIn;
}

/** configuration: of the workers' application, in no broker. */
export const KEPT_IN = ['broker', 'configuration'] as const;
export type KeptIn = (typeof KEPT_IN)[number];

export interface FoundSchedule {
  readonly source: Source;
  readonly schedule: ListedSchedule;
  readonly capabilities: ReadonlySet<Capability>;
}

export function schedulesOf({ source, snapshot, capabilities }: SourceView): readonly FoundSchedule[] {
  const kept = (snapshot?.queues ?? []).flatMap(({ name, schedules }) =>
    (schedules ?? []).map((schedule) => keptInBroker(name, schedule)),
  );
  const configured = (snapshot?.configuredSchedules ?? []).map(configuredOnly);
  return [...kept, ...configured].map((schedule) => ({ source, schedule, capabilities }));
}

export function keptInBroker(queue: string, schedule: Schedule): ListedSchedule {
  return { ...schedule, queue, told: null, keptIn: 'broker' };
}

function configuredOnly(schedule: ConfiguredSchedule): ListedSchedule {
  return { ...schedule, lastAt: null, missed: null, missedRuns: null, keptIn: 'configuration' };
}

/** What it is addressed by: `<queue>:<key>`, or its key alone where it is in no queue of the broker's. */
export function addressOf({ id, queue, keptIn }: ListedSchedule): string {
  return keptIn === 'broker' ? `${queue}:${id}` : id;
}
