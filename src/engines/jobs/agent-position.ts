import { z } from 'zod';

const counts = z.array(z.tuple([z.string(), z.number(), z.number()]));

/** How far a source has read what agents write, and what each had told by then. */
export const agentPositionSchema = z.object({
  /** Id of the last entry taken; null where none was read yet. */
  entry: z.string().nullable(),
  accounts: z.array(
    z.tuple([
      z.string(),
      z.object({ lastSeq: z.number(), settledSeq: z.number(), baseline: counts.nullable(), told: counts }),
    ]),
  ),
});
export type AgentPosition = z.infer<typeof agentPositionSchema>;
