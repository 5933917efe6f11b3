import { z } from 'zod';
import { agentPositionSchema } from '../jobs/agent-position.js';

const mark = z.number().nullable();

/** The books of one queue: see `LedgerEntry`. */
const entrySchema = z.object({
  /** Ends, successes, failures, duplicates, reprocessed, removed. */
  standing: z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()]),
  marks: z.tuple([mark, mark]),
  opened: z.tuple([z.number(), z.number()]),
  /** Where the books begin, and the queue's counter of jobs as it was seen last. */
  entered: z.tuple([mark, mark]),
  metrics: z.tuple([z.number(), z.number()]),
});
export type StoredEntry = z.infer<typeof entrySchema>;

/** How far a source has been heard: what agents have written, and the books of its queues. */
export const bullPositionSchema = z.object({
  agents: agentPositionSchema,
  books: z.array(z.tuple([z.string(), entrySchema])),
  /** Of jobs whose id may come again: what tells the next one from them. */
  ended: z
    .array(
      z.tuple([
        z.string(),
        z.string(),
        z.object({ base: z.number(), attempt: z.number(), sentAt: z.number().nullable() }),
      ]),
    )
    .default([]),
});
export type BullPosition = z.infer<typeof bullPositionSchema>;

/** Ends of one queue that were heard, and wait for an agent to tell them. */
export interface HeldEnds {
  ends: number;
  succeeded: number;
  failed: number;
}
