import { type AgentEngine, agentKeys, type TaskFact } from '../../../agent/protocol.js';
import type { RedisLink } from '../redis/redis-link.js';
import { listOf, textOf } from '../redis/redis-reply.js';
import { AgentAccount, type Loss } from './agent-account.js';
import { type AgentEntry, readEntry } from './agent-messages.js';
import type { AgentPosition } from './agent-position.js';
import type { AgentRoster } from './agent-roster.js';

export interface AgentStreamOptions {
  /** Facts about the other library's jobs belong to another source. */
  readonly engine: AgentEngine;
  /** A link of its own: XREAD blocks it. */
  readonly link: RedisLink;
  readonly roster: AgentRoster;
  readonly fact: (agentId: string, fact: TaskFact) => void;
  readonly lost: (agentId: string, loss: Loss) => void;
  /**
   * Resolves when all that the library itself has told by now has been handled, as far as these facts need it. An agent tells of a task after
   * the library has stored and told it, so facts never overtake what is known of their tasks.
   */
  readonly heardAll: (facts: readonly TaskFact[]) => Promise<void>;
  /** An entry, or the server, made no sense. */
  readonly rejected: (reason: string) => void;
  /** The events of one reading are complete. */
  readonly flush: () => void;
  /** The server refuses to let us read the stream; told once per connection. */
  readonly denied: (error: unknown) => void;
}

const BLOCK_MS = 1_000;
/** XREAD that does not return by then has lost its server. */
const READ_WITHIN_MS = BLOCK_MS + 4_000;
const ENTRIES = 500;
/** Entries read at the start to find where every agent stood. */
const MAX_BASELINE_ENTRIES = 20_000;
const INTRODUCE_EVERY_MS = 250;
const DENIED_PAUSE_MS = 60_000;
const MAX_AGENTS = 20_000;
const MAX_STORED_AGENTS = 500;
/** An agent tells a tenth of a second after the event, and it may be busy. */
const TOLD_WITHIN_MS = 250;
const CATCH_UP_MS = 5_000;
const ASK_EVERY_MS = 50;
/** Some hundred thousand facts. */
const READ_ONCE_MS = 60_000;

/**
 * Reads what agents write, from where the stream ended when we first looked. What lies before only tells where each agent stood. The position
 * outlives reconnects; a stream that vanished with a restart of Redis begins again with larger ids, so the same position stays good.
 */
export class AgentStream {
  readonly #o: AgentStreamOptions;
  readonly #accounts = new Map<string, AgentAccount>();
  #position: string | null = null;
  #epoch = 0;
  #running = false;
  #introducedAt = Number.NEGATIVE_INFINITY;
  /** Monotonic time up to which everything written had been read. */
  #readUntil = Number.NEGATIVE_INFINITY;

  constructor(options: AgentStreamOptions) {
    this.#o = options;
  }

  /** Fits what has been told by now. Agents beyond a number are left out: what they lose cannot be told after a restart. */
  position(): AgentPosition {
    const accounts = [...this.#accounts].slice(-MAX_STORED_AGENTS);
    return {
      entry: this.#position,
      accounts: accounts.map(([id, account]): AgentPosition['accounts'][number] => [id, account.stored()]),
    };
  }

  /** Before the first reading: goes on where an earlier run had got to, instead of at the end of the stream. */
  continue({ entry, accounts }: AgentPosition): void {
    if (entry === null) return;
    this.#position = entry;
    for (const [id, state] of accounts) this.#accounts.set(id, AgentAccount.resumed(state));
  }

  /** To be called whenever the link is up, after the reports have been read once. Reads until `stop` or until the link goes down. */
  resume(): void {
    this.#epoch += 1;
    this.#running = true;
    void this.#run(this.#epoch);
  }

  get running(): boolean {
    return this.#running;
  }

  /** Resolves when all has been taken that agents have to tell of this moment; soon also where they are not heard. */
  async caughtUp(): Promise<void> {
    const began = performance.now();
    while (this.#running && this.#readUntil < began + TOLD_WITHIN_MS && performance.now() < began + CATCH_UP_MS) {
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS).unref());
    }
  }

  /** Resolves when everything written so far has been read once; soon also where it cannot be. */
  async readOnce(): Promise<void> {
    const began = performance.now();
    while (this.#readUntil === Number.NEGATIVE_INFINITY && performance.now() < began + READ_ONCE_MS) {
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS).unref());
    }
  }

  stop(): void {
    this.#running = false;
    this.#epoch += 1;
  }

  async #run(epoch: number): Promise<void> {
    const { link } = this.#o;
    while (epoch === this.#epoch) {
      try {
        this.#position ??= await this.#baseline();
        const command = [
          'XREAD',
          'COUNT',
          ENTRIES,
          'BLOCK',
          BLOCK_MS,
          'STREAMS',
          agentKeys.facts,
          this.#position,
        ] as const;
        const reply = await link.call(command, undefined, READ_WITHIN_MS);
        const readAt = performance.now();
        const entries = entriesOf(listOf(listOf(reply)[0])[1]);
        if (entries.length > 0) await Promise.all([this.#o.heardAll(this.#ours(entries)), this.#introduce(entries)]);
        if (epoch !== this.#epoch) return;
        for (const { id, entry } of entries) {
          this.#position = id;
          this.#take(entry, true);
        }
        this.#o.flush();
        if (entries.length < ENTRIES) this.#readUntil = readAt;
      } catch (error) {
        if (epoch !== this.#epoch || !link.up) return;
        const message = error instanceof Error ? error.message : '';
        if (/NOPERM|WRONGTYPE|unknown command/.test(message)) {
          this.#o.denied(error);
          await new Promise((resolve) => setTimeout(resolve, DENIED_PAUSE_MS).unref());
        } else {
          link.reconnect(error);
          return;
        }
      }
    }
  }

  #ours(entries: readonly ReadEntry[]): readonly TaskFact[] {
    return entries.flatMap(({ entry }) =>
      entry?.kind === 'facts' ? entry.facts.filter(({ engine }) => engine === this.#o.engine) : [],
    );
  }

  /** A new agent tells of tasks before its report has been read: without that its worker has no name. */
  async #introduce(entries: readonly ReadEntry[]): Promise<void> {
    const now = performance.now();
    const strangers = entries.some(({ entry }) => entry && this.#o.roster.report(entry.agent) === undefined);
    if (!strangers || now - this.#introducedAt < INTRODUCE_EVERY_MS) return;
    this.#introducedAt = now;
    // Names can be missing; the roster itself goes on asking.
    await this.#o.roster.poll().catch(() => undefined);
  }

  /** Where the stream ends now, and where every agent stands there. */
  async #baseline(): Promise<string> {
    const { link, roster } = this.#o;
    const end = entriesOf(await link.call(['XREVRANGE', agentKeys.facts, '+', '-', 'COUNT', 1]))[0]?.id ?? '0-0';
    let from: string | null = null;
    for (const report of roster.reports()) {
      const { totalsEntryId } = report;
      this.#accounts.set(report.id, totalsEntryId === null ? AgentAccount.unknown() : AgentAccount.from(report.totals));
      if (totalsEntryId !== null && (from === null || isBefore(totalsEntryId, from))) from = totalsEntryId;
    }
    let read = 0;
    while (from !== null && isBefore(from, end) && read < MAX_BASELINE_ENTRIES) {
      const page = entriesOf(await link.call(['XRANGE', agentKeys.facts, `(${from}`, end, 'COUNT', ENTRIES]));
      for (const { entry } of page) this.#take(entry, false);
      read += page.length;
      from = page.length < ENTRIES ? null : (page[page.length - 1]?.id ?? null);
    }
    // Too much to read: what the agents had done by now is not known, and their next totals tell it.
    if (from !== null && isBefore(from, end)) {
      for (const id of this.#accounts.keys()) this.#accounts.set(id, AgentAccount.unknown());
    }
    return end;
  }

  #take(entry: AgentEntry | null, tell: boolean): void {
    if (!entry) {
      if (tell) this.#o.rejected('malformed');
      return;
    }
    let account = this.#accounts.get(entry.agent);
    if (!account) {
      account = AgentAccount.fromBirth();
      this.#accounts.set(entry.agent, account);
      // Those met longest ago have long been replaced: an agent lives as long as its process.
      const oldest = this.#accounts.size > MAX_AGENTS ? this.#accounts.keys().next().value : undefined;
      if (oldest !== undefined) this.#accounts.delete(oldest);
    }
    if (entry.kind === 'facts') {
      for (const fact of entry.facts) {
        if (account.hear(fact) && tell && fact.engine === this.#o.engine) this.#o.fact(entry.agent, fact);
      }
      return;
    }
    for (const loss of account.settle(entry.totals)) {
      if (tell && loss.row.engine === this.#o.engine) this.#o.lost(entry.agent, loss);
    }
  }
}

interface ReadEntry {
  readonly id: string;
  /** null where it makes no sense. */
  readonly entry: AgentEntry | null;
}

function entriesOf(reply: unknown): readonly ReadEntry[] {
  return listOf(reply).flatMap((pair) => {
    const [idReply, fields] = listOf(pair);
    const id = textOf(idReply);
    return id === null ? [] : [{ id, entry: readEntry(listOf(fields)) }];
  });
}

/** Stream ids are `<milliseconds>-<number>`. */
function isBefore(a: string, b: string): boolean {
  const [aMs = '0', aNth = '0'] = a.split('-');
  const [bMs = '0', bNth = '0'] = b.split('-');
  return Number(aMs) < Number(bMs) || (aMs === bMs && Number(aNth) < Number(bNth));
}
