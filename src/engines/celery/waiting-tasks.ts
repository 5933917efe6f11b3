import { NotSupported, SourceUnavailable } from '../../core/errors.js';
import type { QueuePeek } from '../../core/queue-peek.js';
import type { Redactor } from '../../core/redaction.js';
import type { TaskNotes } from './task-notes.js';
import type { QueueDepth, QueueReader } from './transport/celery-transport.js';
import { idAtEnd, waitingTask } from './waiting-task.js';

/** Redis finds a message by walking over those before it, some eight at a step: a page from there costs it some milliseconds. */
const MAX_OFFSET = 10_000;

/** What lies in the broker's queues: which tasks, and since when. A message itself does not tell when it was sent; `task-sent` does. */
export class WaitingTasks {
  readonly #reader: QueueReader;
  readonly #notes: TaskNotes;
  readonly #redact: Redactor;

  constructor(reader: QueueReader, notes: TaskNotes, redact: Redactor) {
    this.#reader = reader;
    this.#notes = notes;
    this.#redact = redact;
  }

  async peek(
    queue: string,
    { offset, limit }: { readonly offset: number; readonly limit: number },
    signal: AbortSignal,
  ): Promise<QueuePeek> {
    if (offset > MAX_OFFSET) {
      throw new NotSupported(
        `expected a place up to ${MAX_OFFSET} in a Celery queue, found ${offset}: deeper ones cost Redis too much`,
      );
    }
    const { total, messages } = await this.#reader.first(queue, limit, signal, offset);
    const tasks = messages.map((message) =>
      waitingTask({ message, sentAt: (id) => this.#queuedAt(id), redact: this.#redact }),
    );
    return { total, tasks };
  }

  /** Since when the next task of each queue waits; without the queues of which one step does not tell. One round trip. */
  async oldest(depths: readonly QueueDepth[], signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    const oldest = new Map<string, number>();
    const queues = depths.filter(({ length }) => length > 0).map(({ name }) => name);
    try {
      for (const [queue, heads] of await this.#reader.heads(queues, signal)) {
        const times = heads.map((head) => this.#queuedAt(idAtEnd(head)));
        const known = times.filter((time) => time !== null);
        if (known.length > 0 && known.length === times.length) oldest.set(queue, Math.min(...known));
      }
    } catch (error) {
      // Where scripts are forbidden the rest of the look is as good without.
      if (!(error instanceof SourceUnavailable)) throw error;
    }
    return oldest;
  }

  #queuedAt(id: string | null): number | null {
    return id === null ? null : (this.#notes.get(id)?.queuedAt ?? null);
  }
}
