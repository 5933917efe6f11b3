/**
 * A repeating task as the workers' own application configures it, in no broker: whether a scheduler runs it, when it last did, and whether it runs
 * others, nobody tells. Times are epoch milliseconds.
 */
export interface ConfiguredSchedule {
  readonly id: string;
  /** Name of the task it sends. */
  readonly name: string;
  /** Where to, as far as the entry itself says. */
  readonly queue: string | null;
  /** Cron expression, or null. */
  readonly cron: string | null;
  readonly everyMs: number | null;
  /** In the engine's own words, where it is neither of the two. */
  readonly told: string | null;
  /** null where it is not known, or does not matter. */
  readonly timeZone: string | null;
  /** The next time that a cron expression names; null for what counts from the last run. */
  readonly nextAt: number | null;
}
