import type { Response } from 'express';
import type { Source } from '../core/source.js';
import type { Transition, TransitionKind } from '../core/transition.js';
import { type EventsQueryDto, LiveEventDto } from './live-event.dto.js';

/** Progress comes as often as a task likes to tell it; durations and waits are told with what they belong to. */
const TOLD: ReadonlySet<TransitionKind> = new Set(['sent', 'received', 'requeued', 'started', 'finished', 'lost']);
/** Written together: one system call per reader and tick, however many events. */
const TICK_MS = 200;
const MAX_PER_TICK = 1_000;
const SIGN_OF_LIFE_MS = 15_000;

/**
 * One reader of the stream. Events beyond what a tick may hold, or what a slow reader takes, are dropped and their number told: a reader can
 * cost neither memory nor the event path.
 */
export class EventStream {
  readonly #response: Response;
  readonly #query: EventsQueryDto;
  readonly #nameStart: string | null;
  #events: LiveEventDto[] = [];
  #dropped = 0;
  readonly #ticking: NodeJS.Timeout;
  readonly #living: NodeJS.Timeout;

  constructor(response: Response, query: EventsQueryDto) {
    this.#response = response;
    this.#query = query;
    this.#nameStart = query.name?.endsWith('*') === true ? query.name.slice(0, -1) : null;
    response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
    // nginx would collect the stream until its buffer is full.
    response.setHeader('X-Accel-Buffering', 'no');
    response.flushHeaders();
    response.write(': listening\n\n');
    this.#ticking = setInterval(() => this.#flush(), TICK_MS);
    this.#living = setInterval(() => response.write(': alive\n\n'), SIGN_OF_LIFE_MS);
  }

  /** On the event path: does not wait, does not throw, and leaves the writing out to the tick. */
  hear(source: Source, batch: readonly Transition[]): void {
    for (const transition of batch) {
      if (!TOLD.has(transition.kind) || !this.#wanted(source, transition)) continue;
      if (this.#events.length >= MAX_PER_TICK || this.#response.writableNeedDrain) this.#dropped += 1;
      else this.#events.push(new LiveEventDto(source, transition));
    }
  }

  end(): void {
    clearInterval(this.#ticking);
    clearInterval(this.#living);
    this.#response.end();
  }

  #wanted(source: Source, { task }: Transition): boolean {
    const { source: wanted, name, queue, worker } = this.#query;
    if (wanted !== undefined && source.name !== wanted) return false;
    if (queue !== undefined && task.queue !== queue) return false;
    if (worker !== undefined && task.worker !== worker) return false;
    if (name === undefined) return true;
    return this.#nameStart === null ? task.name === name : (task.name?.startsWith(this.#nameStart) ?? false);
  }

  #flush(): void {
    const lines = this.#events.map((event) => `data: ${JSON.stringify(event)}\n\n`);
    this.#events = [];
    if (this.#dropped > 0 && !this.#response.writableNeedDrain) {
      lines.push(`event: dropped\ndata: {"dropped":${this.#dropped}}\n\n`);
      this.#dropped = 0;
    }
    if (lines.length > 0) this.#response.write(lines.join(''));
  }
}
