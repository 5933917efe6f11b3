/**
 * How it stands with the history. off: nobody wants one. degraded: it is wanted, and cannot be written. standby: another instance writes it, and
 * this one reads.
 */
export interface HistoryCondition {
  readonly state: 'off' | 'up' | 'degraded' | 'standby';
  /** One sentence without a full stop; null where there is nothing to say. */
  readonly problem: string | null;
}

/** Says how it stands with the history, without asking the database. */
export class HistoryHealth {
  readonly condition: () => HistoryCondition;

  constructor(condition: () => HistoryCondition) {
    this.condition = condition;
  }
}
