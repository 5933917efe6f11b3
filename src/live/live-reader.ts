import type { Response } from 'express';
import type { TickReader } from './live-feed.js';

/** Proxies close what is silent for long; most wait a minute. */
const SIGN_OF_LIFE_MS = 10_000;
/** What a reader may be behind before he is sent away: he comes back with the id of the last tick he has read. */
const MAX_BEHIND_BYTES = 2 * 1024 * 1024;

/** One open connection. */
export class LiveReader implements TickReader {
  readonly #response: Response;
  #wroteAt = 0;

  constructor(response: Response) {
    this.#response = response;
    response.status(200);
    response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
    // nginx would collect the stream until its buffer is full.
    response.setHeader('X-Accel-Buffering', 'no');
    response.flushHeaders();
  }

  tick(text: string): void {
    if (this.#response.writableLength > MAX_BEHIND_BYTES) {
      this.#response.destroy();
      return;
    }
    this.#write(text);
  }

  still(): void {
    if (performance.now() - this.#wroteAt >= SIGN_OF_LIFE_MS) this.#write(': nothing has changed\n\n');
  }

  end(): void {
    this.#response.end();
  }

  #write(text: string): void {
    this.#wroteAt = performance.now();
    this.#response.write(text);
  }
}
