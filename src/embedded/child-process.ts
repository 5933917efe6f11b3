import { type ChildProcess, spawn } from 'node:child_process';

export interface ChildSpec {
  /** For the log. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment; ours where it is missing. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface ChildLog {
  log(message: string): void;
  warn(message: string): void;
}

const RESTART_FIRST_MS = 500;
const RESTART_MAX_MS = 10_000;
/** A child that ran this long is taken to be well again: the next restart is quick. */
const HEALTHY_AFTER_MS = 30_000;

/**
 * A process of our own that should run as long as we do. Restarted with growing pauses when it exits by itself. It has a process group of
 * its own, so that Ctrl-C reaches us alone and we stop things in order; its standard input closes when we die, however we die.
 */
export class SupervisedChild {
  readonly #spec: ChildSpec;
  readonly #log: ChildLog;
  #child: ChildProcess | null = null;
  #stopping = false;
  #restart: NodeJS.Timeout | null = null;
  #pauseMs = RESTART_FIRST_MS;

  constructor(spec: ChildSpec, log: ChildLog) {
    this.#spec = spec;
    this.#log = log;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  start(): void {
    const began = performance.now();
    const child = spawn(this.#spec.command, [...this.#spec.args], {
      stdio: ['pipe', 'ignore', 'pipe'],
      detached: true,
      ...(this.#spec.env === undefined ? {} : { env: this.#spec.env }),
    });
    this.#child = child;
    // The child may be gone before we write or close: that is what its exit tells.
    child.stdin?.on('error', () => undefined);
    const lastWords = new LastLines(5);
    child.stderr?.on('data', (data: Buffer) => lastWords.add(data.toString()));
    child.once('error', (error) => this.#ended(`could not start: ${error.message}`, began));
    child.once('exit', (code, signal) => {
      this.#ended(`exited (${signal ?? code})${lastWords.text === '' ? '' : `: ${lastWords.text}`}`, began);
    });
  }

  /** SIGTERM, then SIGKILL after `graceMs`. Resolves when the process is gone. */
  async stop(graceMs = 5_000): Promise<void> {
    this.#stopping = true;
    if (this.#restart !== null) clearTimeout(this.#restart);
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await gone;
    clearTimeout(timer);
  }

  #ended(how: string, began: number): void {
    this.#child = null;
    if (this.#stopping) return;
    if (performance.now() - began > HEALTHY_AFTER_MS) this.#pauseMs = RESTART_FIRST_MS;
    this.#log.warn(`${this.#spec.name} ${how}; starting it again in ${this.#pauseMs} ms`);
    this.#restart = setTimeout(() => this.start(), this.#pauseMs);
    this.#pauseMs = Math.min(RESTART_MAX_MS, this.#pauseMs * 2);
  }
}

class LastLines {
  readonly #keep: number;
  #lines: string[] = [];

  constructor(keep: number) {
    this.#keep = keep;
  }

  get text(): string {
    return this.#lines.join(' | ');
  }

  add(text: string): void {
    const lines = text.split('\n').map((line) => line.trim());
    this.#lines = [...this.#lines, ...lines.filter((line) => line !== '')].slice(-this.#keep);
  }
}
