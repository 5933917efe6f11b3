import type { TreeUsage } from './process-tree.js';
import { readProcessTree } from './process-tree.js';
import type { AgentResources } from './protocol.js';

/** Measures this process and its children now and then; CPU is the share between two measurements. */
export class ResourceMeter {
  #last: AgentResources | null = null;
  #baseline: { readonly cpuMs: number; readonly at: number } | null = null;
  #running = false;

  get last(): AgentResources | null {
    return this.#last;
  }

  /** Never fails. The first call only takes the baseline. */
  async measure(): Promise<void> {
    // A measurement that takes longer than the interval is not joined by another.
    if (this.#running) return;
    this.#running = true;
    const usage = await readProcessTree(process.pid).catch(ownUsage);
    const at = performance.now();
    const before = this.#baseline;
    this.#baseline = { cpuMs: usage.cpuMs, at };
    if (before !== null) this.#last = this.#compare(usage, before.cpuMs, at - before.at);
    this.#running = false;
  }

  #compare(usage: TreeUsage, cpuMsBefore: number, elapsedMs: number): AgentResources {
    return {
      measuredAt: Date.now(),
      memoryBytes: usage.memoryBytes,
      cpuPercent: elapsedMs > 0 ? Math.max(0, ((usage.cpuMs - cpuMsBefore) / elapsedMs) * 100) : 0,
      // A descendant that ended without being waited for takes its bytes with it; a total must not fall.
      diskReadBytes: usage.disk && Math.max(usage.disk.readBytes, this.#last?.diskReadBytes ?? 0),
      diskWriteBytes: usage.disk && Math.max(usage.disk.writeBytes, this.#last?.diskWriteBytes ?? 0),
      processCount: usage.processCount,
    };
  }
}

/** Outside Linux Node tells of its own process only, and of disk blocks that say little about bytes. */
function ownUsage(): TreeUsage {
  const { user, system } = process.cpuUsage();
  return { memoryBytes: process.memoryUsage.rss(), cpuMs: (user + system) / 1000, disk: null, processCount: 1 };
}
