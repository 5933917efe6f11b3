import type { HistoryState } from '../core/history-store.js';
import type { QueueEngine } from '../core/queue-engine.js';
import type { GapEvent } from '../core/task-event.js';

/** How far an earlier run of the service has come, and what of the time since nobody can tell. */
export class EarlierRun {
  readonly #earlier: Pick<HistoryState, 'storedAt' | 'positions'>;

  constructor(earlier: Pick<HistoryState, 'storedAt' | 'positions'> = { storedAt: null, positions: [] }) {
    this.#earlier = earlier;
  }

  /** Lets an engine that has not started yet go on; a gap where it cannot make up for the time in which nobody listened. */
  resume(engine: QueueEngine, now: number): GapEvent | null {
    const { storedAt, positions } = this.#earlier;
    const known = positions.find(({ source }) => source === engine.source.name);
    if (known === undefined || storedAt === null || engine.resume(known.position, storedAt)) return null;
    return this.gap(engine.source.name, now);
  }

  /** The time until now in which nobody listened to a source; null where the earlier run did not watch it. */
  gap(source: string, now: number): GapEvent | null {
    const { storedAt, positions } = this.#earlier;
    if (storedAt === null || !positions.some((position) => position.source === source)) return null;
    return { kind: 'gap', from: storedAt, to: now, queue: null, reason: 'down', missed: null, exactness: 'unknown' };
  }
}
