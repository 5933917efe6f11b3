import type { BrokerCost, Capability, EngineSnapshot } from '../core/queue-engine.js';
import type { Source, SourceStatus } from '../core/source.js';

/** One source as the features see it: its last good snapshot, however old, and how the link is. */
export interface SourceView {
  readonly source: Source;
  readonly status: SourceStatus;
  readonly capabilities: ReadonlySet<Capability>;
  readonly cost: BrokerCost;
  /** null until the first poll has succeeded. */
  readonly snapshot: EngineSnapshot | null;
  /** Why the latest poll failed; null when it did not. `snapshot` is then older than it should be. */
  readonly problem: string | null;
  /** How long the latest finished poll took; null before the first. */
  readonly pollMs: number | null;
}
