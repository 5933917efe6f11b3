/** A task that a worker could run, with the limits that hold for it there and now. null: none, or that of the worker's settings. */
export interface RegisteredTask {
  readonly name: string;
  /** As the engine writes it, such as `10/m`. */
  readonly rateLimit: string | null;
  readonly softSeconds: number | null;
  readonly hardSeconds: number | null;
  readonly maxRetries: number | null;
}

/** What one worker tells of itself when asked, in its engine's own words and without secrets. null: it has not answered that question. */
export interface WorkerInspection {
  readonly tasks: readonly RegisteredTask[] | null;
  /** What its application has changed from the engine's defaults. */
  readonly settings: Readonly<Record<string, unknown>> | null;
  readonly statistics: Readonly<Record<string, unknown>> | null;
  /** Ids of tasks that it will not run. */
  readonly revoked: readonly string[] | null;
}
