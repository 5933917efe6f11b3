import { z } from 'zod';
import { agentPositionSchema } from '../jobs/agent-position.js';
import { storedOutcomeSchema } from '../jobs/stored-outcome.js';

/** The queue's own numbers at one point of its stream, read in one transaction. */
const checkpointSchema = z.object({
  /** Id of the last entry written: the point of the stream. */
  id: z.string(),
  /** Entries ever written; null before Redis 7, which does not count them. */
  entries: z.number().nullable(),
  /** First entry still there; null where there is none. */
  firstId: z.string().nullable(),
  /** Entries still there. */
  length: z.number(),
  /** Jobs ever added, refused duplicates included. */
  added: z.number(),
  /** Jobs that have not ended, those being run included. */
  unfinished: z.number(),
  active: z.number(),
  /** Lifetime totals kept by workers with the `metrics` option; null where none does. */
  succeeded: z.number().nullable(),
  failed: z.number().nullable(),
});
export type Checkpoint = Readonly<z.infer<typeof checkpointSchema>>;

/** The books of one queue: see `BullmqLedger`. */
const ledgerSchema = z.object({
  from: checkpointSchema.nullable(),
  /** Entries read since, by what they mean for the books. */
  seen: z.object({
    entries: z.number(),
    added: z.number(),
    duplicated: z.number(),
    active: z.number(),
    succeeded: z.number(),
    failed: z.number(),
    removed: z.number(),
    repeated: z.number(),
  }),
  /** What agents have told of entries that were cut off. */
  agents: z.object({ succeeded: z.number(), failed: z.number(), retried: z.number() }),
  countedByAll: z.boolean().nullable(),
});
export type StoredLedger = z.infer<typeof ledgerSchema>;

/** A job on its way: see `TrackedJob`. */
const trackedSchema = z.object({
  base: z.number(),
  name: z.string().nullable(),
  sentAt: z.number().nullable(),
  eta: z.number().nullable(),
  state: z.enum(['added', 'waiting', 'delayed', 'active', 'children']),
  attempt: z.number(),
  ended: z.number().nullable(),
  startedAt: z.number().nullable(),
  worker: z.string().nullable(),
  token: z.string().nullable(),
  retried: z.number(),
  primed: z.boolean(),
  stopping: z.boolean(),
});

const endedSchema = z.object({ base: z.number(), attempt: z.number(), repaired: z.boolean() });

const queueSchema = z.object({
  /** Id of the last entry told. */
  entry: z.string(),
  ledger: ledgerSchema,
  /** Jobs of which more is known than can be read again. */
  jobs: z.array(z.tuple([z.string(), trackedSchema])),
  /** Outcomes that were read, and wait for an agent to tell them. */
  held: z.array(storedOutcomeSchema),
});
export type StoredQueue = z.infer<typeof queueSchema>;

/** How far a source has been told: its streams, the books of its queues, and what agents have written. */
export const bullmqPositionSchema = z.object({
  agents: agentPositionSchema,
  /** Redis' time when the first run began to watch; null where it has not come to that. */
  since: z.number().nullable(),
  /** Since when nothing was heard, where the queues have not all been judged after that; epoch milliseconds. */
  away: z.number().nullable(),
  queues: z.array(z.tuple([z.string(), queueSchema])),
  /** Of jobs whose id may come again: what tells the next one from them. */
  ended: z.array(z.tuple([z.string(), z.string(), endedSchema])),
});
export type BullmqPosition = z.infer<typeof bullmqPositionSchema>;
export type StreamsPosition = Omit<BullmqPosition, 'agents'>;
