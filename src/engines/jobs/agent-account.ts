import { type AgentTotals, OTHER, type TaskFact, type TotalsRow } from '../../../agent/protocol.js';

/** Attempts an agent counted and of which it told us nothing. */
export interface Loss {
  readonly row: TotalsRow;
  readonly count: number;
  readonly timedOut: number;
}

/** JSON. Of each combination its key, how often it was counted, and how often of these a time limit was exceeded. */
export interface AccountState {
  lastSeq: number;
  settledSeq: number;
  baseline: CountList | null;
  told: CountList;
}

type CountList = [string, number, number][];

interface Count {
  count: number;
  timedOut: number;
}

/**
 * What one agent has told against what it says it has done. Facts are numbered without holes: a number not above the last one is a
 * repetition. When its totals come by in the stream, everything they cover has been read or is lost, so the difference is exact.
 */
export class AgentAccount {
  #lastSeq: number;
  #settledSeq: number;
  /** null: not known what it had done before we listened; the first totals tell. */
  #baseline: Map<string, Count> | null;
  #told = new Map<string, Count>();

  private constructor(seq: number, baseline: Map<string, Count> | null) {
    this.#lastSeq = seq;
    this.#settledSeq = seq;
    this.#baseline = baseline;
  }

  /** An agent that began after us: all it ever did is to be told. */
  static fromBirth(): AgentAccount {
    return new AgentAccount(0, new Map());
  }

  /** An agent that had done this much at the point of the stream from which we read. */
  static from(totals: AgentTotals): AgentAccount {
    return new AgentAccount(totals.seq, countsOf(totals));
  }

  /** As an earlier run left it. */
  static resumed({ lastSeq, settledSeq, baseline, told }: AccountState): AgentAccount {
    const account = new AgentAccount(lastSeq, baseline === null ? null : countsFrom(baseline));
    account.#settledSeq = settledSeq;
    account.#told = countsFrom(told);
    return account;
  }

  stored(): AccountState {
    return {
      lastSeq: this.#lastSeq,
      settledSeq: this.#settledSeq,
      baseline: this.#baseline === null ? null : listOfCounts(this.#baseline),
      told: listOfCounts(this.#told),
    };
  }

  static unknown(): AgentAccount {
    return new AgentAccount(0, null);
  }

  /** True where the fact is new. */
  hear(fact: TaskFact): boolean {
    if (fact.seq <= this.#lastSeq) return false;
    this.#lastSeq = fact.seq;
    if (fact.kind !== 'started') {
      const reason = fact.kind === 'retried' ? (fact.error?.type ?? null) : null;
      add(this.#told, keyOf(fact.prefix, fact.queue, fact.jobName, fact.kind, reason, fact.engine), fact.timedOut);
    }
    return true;
  }

  /** Compares; what is lost is counted as told from here on. */
  settle(totals: AgentTotals): readonly Loss[] {
    // Repeated, or overtaken by later facts after a resend: the next totals settle the rest.
    if (totals.seq < this.#lastSeq || totals.seq < this.#settledSeq) return [];
    const baseline = this.#baseline;
    const told = this.#foldUnlisted(totals);
    this.#lastSeq = totals.seq;
    this.#settledSeq = totals.seq;
    this.#baseline = countsOf(totals);
    this.#told = new Map();
    if (baseline === null) return [];

    const losses: Loss[] = [];
    for (const row of totals.rows) {
      const key = keyOf(row.prefix, row.queue, row.jobName, row.kind, row.reason, row.engine);
      const before = baseline.get(key);
      const heard = told.get(key);
      const count = row.count - (before?.count ?? 0) - (heard?.count ?? 0);
      const timedOut = row.timedOut - (before?.timedOut ?? 0) - (heard?.timedOut ?? 0);
      if (count > 0) losses.push({ row, count, timedOut: Math.min(count, Math.max(0, timedOut)) });
    }
    return losses;
  }

  /** A combination without a row of its own was counted by the agent in its queue's row for the others. */
  #foldUnlisted(totals: AgentTotals): Map<string, Count> {
    const listed = new Set(
      totals.rows.map((row) => keyOf(row.prefix, row.queue, row.jobName, row.kind, row.reason, row.engine)),
    );
    const folded = new Map<string, Count>();
    for (const [key, told] of this.#told) {
      const [prefix = '', queue = '', , kind = '', , engine = ''] = key.split('\0');
      const other = keyOf(prefix, queue, OTHER, kind, kind === 'retried' ? OTHER : null, engine);
      const into = listed.has(key) ? key : other;
      const sum = folded.get(into) ?? { count: 0, timedOut: 0 };
      sum.count += told.count;
      sum.timedOut += told.timedOut;
      folded.set(into, sum);
    }
    return folded;
  }
}

function countsOf(totals: AgentTotals): Map<string, Count> {
  return new Map(
    totals.rows.map((row) => [
      keyOf(row.prefix, row.queue, row.jobName, row.kind, row.reason, row.engine),
      { count: row.count, timedOut: row.timedOut },
    ]),
  );
}

function listOfCounts(counts: ReadonlyMap<string, Count>): CountList {
  return Array.from(counts, ([key, { count, timedOut }]): CountList[number] => [key, count, timedOut]);
}

function countsFrom(list: CountList): Map<string, Count> {
  return new Map(list.map(([key, count, timedOut]) => [key, { count, timedOut }]));
}

function add(counts: Map<string, Count>, key: string, timedOut: boolean): void {
  const count = counts.get(key) ?? { count: 0, timedOut: 0 };
  count.count += 1;
  if (timedOut) count.timedOut += 1;
  counts.set(key, count);
}

function keyOf(
  prefix: string,
  queue: string,
  jobName: string,
  kind: string,
  reason: string | null,
  engine: string,
): string {
  return [prefix, queue, jobName, kind, reason ?? '', engine].join('\0');
}
