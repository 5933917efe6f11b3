import type { AgentConnection } from './agent-connection.js';
import type { Outbox } from './outbox.js';
import type { AgentReport, AgentTotals } from './protocol.js';
import { agentKeys, FACTS_MAX_ENTRIES, REPORT_TTL_MS } from './protocol.js';

const FLUSH_MS = 100;
const FLUSH_FACTS = 100;

export type ReportWithoutTotals = Omit<AgentReport, 'totals' | 'totalsEntryId'>;

/**
 * Writes facts and reports to Redis, one command at a time, so that the stream has them in order.
 *
 * A batch is in exactly one place: in the outbox, or on its way. If Redis does not confirm it, it goes back and is sent again under the
 * same numbers, possibly a second time. A report first sends every fact it covers and nothing newer, then the totals entry, then itself:
 * whoever meets the totals in the stream has met all there will ever be of those facts.
 */
export class FactWriter {
  readonly #connection: AgentConnection;
  readonly #outbox: Outbox;
  readonly #agentId: string;
  readonly #describe: () => ReportWithoutTotals | null;
  readonly #onProblem: (problem: Error) => void;
  #working: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #reportDue = false;
  /** Redis refused the last write, for want of memory or of rights: the next heartbeat tries again, not the next fact. */
  #refused = false;
  #totalsEntry: { readonly id: string; readonly seq: number } | null = null;

  constructor(
    connection: AgentConnection,
    outbox: Outbox,
    agentId: string,
    describe: () => ReportWithoutTotals | null,
    onProblem: (problem: Error) => void,
  ) {
    this.#connection = connection;
    this.#outbox = outbox;
    this.#agentId = agentId;
    this.#describe = describe;
    this.#onProblem = onProblem;
  }

  /** A fact was recorded: it leaves within 100 ms. */
  wake(): void {
    if (this.#refused) return;
    if (this.#outbox.size >= FLUSH_FACTS) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), FLUSH_MS).unref();
  }

  /** A heartbeat: everything recorded so far, then the totals, then the report. */
  report(): void {
    this.#refused = false;
    this.#reportDue = true;
    this.#start();
  }

  /** After a reconnect the totals are told again at once: the stream may have been lost, and the reader should not wait for the next. */
  resume(): void {
    this.#totalsEntry = null;
    this.report();
  }

  /** The last report. Ends when Redis has it, or cannot be reached. */
  async flush(): Promise<void> {
    await this.#working;
    this.report();
    await this.#working;
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #start(): void {
    this.stop();
    if (this.#working !== null || !this.#connection.up) return;
    this.#working = this.#work()
      .catch((problem: unknown) => this.#failed(problem))
      .finally(() => {
        this.#working = null;
        // What came in meanwhile. While Redis is away the next heartbeat, or its return, begins anew.
        if (this.#connection.up && this.#outbox.size > 0) this.wake();
      });
  }

  async #work(): Promise<void> {
    do {
      if (this.#reportDue) await this.#sendReport();
      else await this.#sendFacts(this.#outbox.seq);
    } while (this.#reportDue || this.#outbox.size >= FLUSH_FACTS);
  }

  async #sendReport(): Promise<void> {
    const description = this.#describe();
    const totals: AgentTotals = { seq: this.#outbox.seq, rows: this.#outbox.totals.rows() };
    await this.#sendFacts(totals.seq);
    this.#reportDue = false;
    if (description === null) return;
    try {
      const totalsEntryId = await this.#sendTotals(totals);
      const report: AgentReport = { ...description, totals, totalsEntryId };
      const { redis } = this.#connection;
      await Promise.all([
        redis.set(agentKeys.report(this.#agentId), JSON.stringify(report), 'PX', REPORT_TTL_MS),
        redis.zadd(agentKeys.agents, description.at, this.#agentId),
      ]);
    } catch (problem) {
      this.#reportDue = true;
      throw problem;
    }
  }

  async #sendFacts(upTo: number): Promise<void> {
    for (let batch = this.#outbox.take(upTo); batch !== null; batch = this.#outbox.take(upTo)) {
      try {
        await this.#append('facts', batch.body);
      } catch (problem) {
        this.#outbox.putBack(batch);
        throw problem;
      }
    }
  }

  /** Nothing is added to the stream while nothing happens, so that idle workers do not push out the facts of busy ones. */
  async #sendTotals(totals: AgentTotals): Promise<string> {
    if (this.#totalsEntry?.seq === totals.seq) return this.#totalsEntry.id;
    const id = await this.#append('totals', JSON.stringify(totals));
    this.#totalsEntry = { id, seq: totals.seq };
    return id;
  }

  async #append(kind: 'facts' | 'totals', body: string): Promise<string> {
    const fields = ['agent', this.#agentId, 'kind', kind, 'body', body];
    const id = await this.#connection.redis.xadd(agentKeys.facts, 'MAXLEN', '~', FACTS_MAX_ENTRIES, '*', ...fields);
    if (id === null) throw new Error('Redis did not add to the stream of facts');
    return id;
  }

  #failed(problem: unknown): void {
    const error = problem instanceof Error ? problem : new Error(String(problem));
    this.#refused = true;
    if (error.message === 'Command timed out') this.#connection.hangUp(error);
    this.#onProblem(error);
  }
}
