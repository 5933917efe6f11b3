export interface RecorderState {
  /** Tasks whose latest state is not stored yet, those of the batch on its way included. */
  readonly pending: number;
  /** Times that a change of a task was not stored, because too many waited. */
  readonly shed: number;
  /** Records of tasks written. */
  readonly stored: number;
  readonly batches: number;
  readonly failures: number;
  /** Why nothing is being stored; null while it is. */
  readonly problem: string | null;
  /** Of the last batch, in epoch milliseconds; null before the first. */
  readonly storedAt: number | null;
  readonly lastBatchMs: number | null;
}
