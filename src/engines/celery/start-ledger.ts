/** Heartbeats over which a deficit must last: a start on its way to us is no loss. */
const BEATS_TO_BELIEVE = 3;

/**
 * Holds one worker process's own count of tasks begun against the starts we have heard of. Celery raises `processed` in the same breath in
 * which it makes the `task-started` event, and stamps both with its own clock; heartbeats are sent at once and task events in batches, so a
 * heartbeat is judged one heartbeat later, against the starts that its clock says came before it. The smallest deficit of three heartbeats
 * in a row is a loss, exactly.
 */
export class StartLedger {
  #baseline: number | null = null;
  /** When the worker told the baseline, by its own clock. */
  #countedFrom = 0;
  /** Starts heard of from before the last heartbeat, and since. */
  #before = 0;
  #after = 0;
  #processed = 0;
  #clock = Number.NEGATIVE_INFINITY;
  #beats = 0;
  #smallest = 0;
  /** A start that the worker stamped after the deficit began has been heard of. */
  #passedBy = false;
  #judged = 0;
  #restarts = 0;
  /** When the worker sent the last heartbeat, by its own clock. */
  #stampedAt = Number.NEGATIVE_INFINITY;
  /** Epoch milliseconds of the last heartbeat that was found right, and of the one to be judged next. */
  #soundAt = 0;
  #toldAt = 0;

  /** Tasks begun, by its own count, all of which were heard of or taken as lost; null before it has told any. */
  get accounted(): number | null {
    return this.#baseline === null ? null : this.#baseline + this.#before + this.#after;
  }

  /** The count before anything was heard of it: nobody knows what became of those. */
  get unheard(): number {
    return this.#baseline ?? 0;
  }

  get countedFrom(): number {
    return this.#countedFrom;
  }

  /** Goes on from an earlier run, which had accounted for so many and knew of nothing missing at `soundAt`. */
  resume(accounted: number, countedFrom: number, soundAt: number): void {
    this.#baseline = accounted;
    this.#processed = accounted;
    this.#countedFrom = countedFrom;
    this.#soundAt = soundAt;
    this.#toldAt = soundAt;
  }

  /** How often its count has fallen: another process has its name and pid, as in a container. What the one before it had begun at last is not known. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Heartbeats judged so far. */
  get judged(): number {
    return this.#judged;
  }

  /** Nothing was missing at the last heartbeat judged. */
  get sound(): boolean {
    return this.#beats === 0;
  }

  /** True where the worker begins tasks and we have never heard of a start. */
  get deaf(): boolean {
    return this.#baseline !== null && this.#processed > this.#baseline && this.#before + this.#after === 0;
  }

  /** A start has been heard of, stamped with the worker's clock. */
  started(clock: unknown): void {
    if (typeof clock === 'number' && clock > this.#clock) {
      this.#after += 1;
      this.#passedBy = true;
    } else {
      this.#before += 1;
    }
  }

  /** An end has been heard of whose start was not: so it is known after all, unless it had begun before the first heartbeat counted it. */
  startedUnheard(at: number, clock: unknown): void {
    if (this.#baseline === null || at > this.#countedFrom) this.started(clock);
  }

  /** A heartbeat, sent at `at` by the worker's clock, has told how many tasks were begun in all. */
  told(processed: number, clock: number | null, epoch: number, at = epoch): void {
    if (processed < this.#processed) {
      // Celery keeps heartbeats while its broker is away, and may send them again after newer ones: they tell nothing new.
      if (at <= this.#stampedAt) return;
      this.#restarts += 1;
      this.#baseline = null;
      this.#before = 0;
      this.#beats = 0;
    }
    if (this.#baseline === null) {
      this.#baseline = processed - this.#before - this.#after;
      this.#countedFrom = at;
      this.#soundAt = epoch;
    } else {
      this.#judge();
    }
    this.#toldAt = epoch;
    this.#stampedAt = at;
    this.#before += this.#after;
    this.#after = 0;
    this.#processed = processed;
    this.#clock = clock ?? this.#clock;
  }

  /** When everything it had begun was last known to us, epoch milliseconds. */
  get soundAt(): number {
    return this.#soundAt;
  }

  /**
   * Starts that are certainly lost and have not been taken before. Where they `mayBeStuck`, only when a later one has come: events leave a
   * worker in order.
   */
  takeLoss(mayBeStuck: boolean): number {
    if (this.#beats < BEATS_TO_BELIEVE || (mayBeStuck && !this.#passedBy && !this.deaf)) return 0;
    const loss = this.#smallest;
    this.#before += loss;
    this.#beats = 0;
    return loss;
  }

  #judge(): void {
    this.#judged += 1;
    const deficit = this.#processed - (this.#baseline ?? 0) - this.#before;
    if (deficit <= 0) {
      // Some were on their way when we first looked, or a loss we told has turned up after all.
      if (deficit < 0) this.#baseline = this.#processed - this.#before;
      this.#soundAt = this.#toldAt;
      this.#beats = 0;
      return;
    }
    if (this.#beats === 0) this.#passedBy = this.#after > 0;
    this.#smallest = this.#beats === 0 ? deficit : Math.min(this.#smallest, deficit);
    this.#beats += 1;
  }
}
