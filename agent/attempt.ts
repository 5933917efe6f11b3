/** One run of a job in this process, from the call of its processor until the library has stored how it ended. */
export class Attempt {
  /** 1 for the first. */
  readonly number: number;
  readonly startedAt = Date.now();
  readonly #started = performance.now();
  #ended: number | null = null;
  #revokeRequested = false;

  constructor(number: number) {
    this.number = number;
  }

  /** The processor has returned or failed; the library has yet to store it. */
  settle(): void {
    this.#ended = performance.now();
  }

  /** It has been told to stop: should it fail now, it is not to be tried again. */
  revoke(): void {
    this.#revokeRequested = true;
  }

  get revokeRequested(): boolean {
    return this.#revokeRequested;
  }

  get settled(): boolean {
    return this.#ended !== null;
  }

  /** To the microsecond. */
  get runtimeMs(): number {
    return Math.round(((this.#ended ?? performance.now()) - this.#started) * 1000) / 1000;
  }
}
