import { z } from 'zod';
import { TASK_EVENT_KINDS, type TaskEvent, taskEvent } from '../../core/task-event.js';
import type { HeldOutcome } from './outcome-holder.js';

const eventSchema = z.object({
  kind: z.enum(TASK_EVENT_KINDS),
  id: z.string(),
  at: z.number(),
  occurrence: z.number().nullable(),
  name: z.string().nullable(),
  queue: z.string().nullable(),
  worker: z.string().nullable(),
  runtimeMs: z.number().nullable(),
  sentAt: z.number().nullable(),
  eta: z.number().nullable(),
  error: z.object({ type: z.string(), message: z.string() }).nullable(),
  timedOut: z.boolean(),
});

/** An outcome that waits for its agent, as a later run takes it up: without the result, which the agent tells again. */
export const storedOutcomeSchema = z.object({
  jobId: z.string(),
  agentId: z.string().nullable(),
  event: eventSchema,
});
export type StoredOutcome = z.infer<typeof storedOutcomeSchema>;

export function storedOutcome({ jobId, agentId, event }: HeldOutcome): StoredOutcome {
  const { value: _, valueBytes: __, ...said } = event;
  return { jobId, agentId, event: said };
}

export function eventOfStored({ event }: StoredOutcome): TaskEvent {
  return taskEvent(event.kind, event.id, event.at, event);
}
