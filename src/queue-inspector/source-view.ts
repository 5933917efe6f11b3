import type { BrokerFacts } from '../core/broker-facts.js';
import type { BrokerCost, Capability, EngineSnapshot } from '../core/queue-engine.js';
import type { Source, SourceStatus } from '../core/source.js';

/** One source as the features see it: its last good snapshot, however old, and how the link is. */
export interface SourceView {
  readonly source: Source;
  readonly status: SourceStatus;
  readonly capabilities: ReadonlySet<Capability>;
  /** Names of tasks that may be sent, or beginnings of names followed by `*`. */
  readonly sendable: readonly string[];
  readonly cost: BrokerCost;
  /** What the broker last told of itself; null where it never did. */
  readonly broker: BrokerFacts | null;
  /** null until the first poll has succeeded. */
  readonly snapshot: EngineSnapshot | null;
  /** Why the latest poll failed; null when it did not. `snapshot` is then older than it should be. */
  readonly problem: string | null;
  /** How long the latest finished poll took; null before the first. */
  readonly pollMs: number | null;
}
