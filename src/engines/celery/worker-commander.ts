import type { Clock } from '../../core/clock.js';
import { isUp } from '../../core/worker.js';
import type { CommandedWorker, CommandReport, WorkerCommand } from '../../core/worker-control.js';
import type { Incarnation } from './celery-worker.js';
import { commandReport } from './command-report.js';
import { type Proof, type WireCommand, wireOf } from './command-wire.js';
import { workerStats } from './control-replies.js';
import type { Pidbox } from './pidbox.js';
import { answersOf } from './worker-answers.js';
import type { WorkerBook } from './worker-book.js';

export interface WorkerCommanderParts {
  readonly pidbox: Pidbox;
  readonly workers: WorkerBook;
  readonly clock: Clock;
}

type Question = Extract<Proof, { kind: 'question' }>;

const ANSWER_MS = 1_000;
/** A pool grows at its next round of maintenance, which may take five seconds; who asks is not kept waiting that long. */
const PROOF_MS = 2_000;
const PROOF_EVERY_MS = 100;

/** Tells workers something and watches whether it takes effect: an acknowledgement alone means that the worker has heard. */
export class WorkerCommander {
  readonly #parts: WorkerCommanderParts;

  constructor(parts: WorkerCommanderParts) {
    this.#parts = parts;
  }

  async command(command: WorkerCommand, only: readonly string[] | null, signal: AbortSignal): Promise<CommandReport> {
    const names = only ?? this.#up();
    if (names.length === 0)
      return { outcome: 'unacknowledged', message: 'No worker is there to hear it.', workers: [] };
    const wire = wireOf(command);
    const workers =
      wire.proof.kind === 'goodbye' ? await this.#dismiss(wire, names, signal) : await this.#tell(wire, names, signal);
    const judged = command.kind === 'events' ? this.#noteEvents(command.enabled, workers) : workers;
    return commandReport(command, judged);
  }

  async #tell(wire: WireCommand, names: readonly string[], signal: AbortSignal): Promise<readonly CommandedWorker[]> {
    const { method, arguments: args, proof } = wire;
    const asksStats = proof.kind === 'question' && proof.method === 'stats';
    const before = asksStats ? await this.#ask('stats', {}, names, signal) : new Map<string, unknown>();
    const answers = answersOf(names, await this.#ask(method, args, names, signal));
    const acknowledged = answers.filter(({ answer }) => answer === 'acknowledged').map(({ worker }) => worker);
    const shown =
      proof.kind === 'question'
        ? await this.#shown(proof, acknowledged, before, signal)
        : new Set(proof.kind === 'answer' ? acknowledged : []);
    return answers.map((answer) => ({ ...answer, inEffect: shown.has(answer.worker) }));
  }

  /** Which of them show within two seconds that it is so. */
  async #shown(
    proof: Question,
    names: readonly string[],
    before: ReadonlyMap<string, unknown>,
    signal: AbortSignal,
  ): Promise<ReadonlySet<string>> {
    const shown = new Set<string>();
    await this.#until(async () => {
      const missing = names.filter((name) => !shown.has(name));
      if (missing.length === 0) return true;
      for (const [name, answer] of await this.#ask(proof.method, proof.arguments, missing, signal)) {
        if (proof.shows(answer, workerStats(before.get(name)))) shown.add(name);
      }
      return shown.size >= names.length;
    }, signal);
    return shown;
  }

  /** Celery never answers a shutdown: a worker that goes says goodbye, before it waits for its running tasks. */
  async #dismiss(
    wire: WireCommand,
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly CommandedWorker[]> {
    const { pidbox, workers } = this.#parts;
    const lives = new Map<string, Incarnation>();
    for (const name of names) {
      const worker = workers.get(name);
      if (worker !== undefined && !worker.saidGoodbye) lives.set(name, worker.incarnation);
    }
    const gone = (name: string): boolean => {
      const [life, worker] = [lives.get(name), workers.get(name)];
      return life !== undefined && (worker === undefined || worker.saidGoodbye || worker.incarnation !== life);
    };
    await pidbox.tell(wire.method, names, signal, wire.arguments);
    await this.#until(() => Promise.resolve([...lives.keys()].every(gone)), signal);
    return names.map((worker) =>
      gone(worker)
        ? { worker, answer: 'acknowledged', message: 'said goodbye', inEffect: true }
        : { worker, answer: 'silent', message: null, inEffect: false },
    );
  }

  /** Celery's words tell whether a switch has moved. Started with `-E`, a worker acknowledges and goes on sending. */
  #noteEvents(enabled: boolean, answers: readonly CommandedWorker[]): readonly CommandedWorker[] {
    return answers.map((answer) => {
      const worker = this.#parts.workers.get(answer.worker);
      if (worker === undefined || answer.answer !== 'acknowledged') return answer;
      const already = answer.message?.includes('already') === true;
      if (!enabled && already && worker.events === 'on') {
        const message = 'it was started with -E: Celery then goes on sending task events whatever it is told';
        return { ...answer, answer: 'refused', message, inEffect: false };
      }
      if (!enabled) worker.events = 'switched-off';
      else if (worker.events !== 'on') worker.events = already ? 'on' : 'enabled-by-us';
      return answer;
    });
  }

  #ask(
    method: string,
    args: Readonly<Record<string, unknown>>,
    to: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, unknown>> {
    return this.#parts.pidbox.ask({ method, arguments: args, to, withinMs: ANSWER_MS, signal });
  }

  async #until(done: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    const deadline = clock.monotonic() + PROOF_MS;
    while (!(await done()) && clock.monotonic() < deadline && !signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, PROOF_EVERY_MS));
    }
  }

  #up(): readonly string[] {
    const { workers, clock } = this.#parts;
    const now = clock.monotonic();
    return [...workers.all()].filter((worker) => isUp(workers.status(worker, now))).map(({ name }) => name);
  }
}
