const MAX_QUEUES = 5_000;
/** Queues that carry events, commands, answers or the stages of a delay: nobody's tasks. */
const PLUMBING = /(^|\.)pidbox$|^celeryev\.|^celery_delayed_\d+$|^taskscope\./;

/** Names of queues, remembered for as long as we run: a queue that nobody consumes any more is the one to watch. */
export class KnownQueues {
  readonly #names = new Set<string>();

  add(name: string): void {
    if (this.#names.has(name) || this.#names.size >= MAX_QUEUES || name === '' || PLUMBING.test(name)) return;
    this.#names.add(name);
  }

  all(): readonly string[] {
    return [...this.#names];
  }
}
