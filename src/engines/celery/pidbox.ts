import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/clock.js';
import { fieldsOf } from './json-fields.js';
import { parsePythonJson } from './python-json.js';
import type { Refused } from './refusal.js';
import type { CeleryTransport } from './transport/celery-transport.js';

/** What one worker answered. */
export interface ControlAnswer {
  readonly worker: string;
  readonly value: unknown;
}

export interface Question {
  readonly method: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
  /** Exact names; null asks everybody, and then there is no telling when all have answered unless the broker counts listeners. */
  readonly to: readonly string[] | null;
  /** Of those asked, the ones worth waiting for; all of them where it is missing. */
  readonly waitFor?: readonly string[];
  readonly withinMs: number;
  readonly signal: AbortSignal;
  /** Called for every answer, also for one that comes after the waiting has ended. */
  readonly heard?: (answer: ControlAnswer) => void;
}

interface Pending {
  readonly heard: (answer: ControlAnswer) => void;
  readonly forgetAt: number;
}

/** A busy solo worker answers when its task is over; until then its answer is still of use. */
const LATE_ANSWERS_MS = 5 * 60_000;
const MAX_PENDING = 2_000;

/**
 * Questions to workers and their answers, matched by ticket. A question ends when all who were worth waiting for have answered, when its
 * time is over, or at once when the broker says that nobody listens.
 */
export class Pidbox {
  readonly #transport: CeleryTransport;
  readonly #clock: Clock;
  readonly #pending = new Map<string, Pending>();

  constructor(transport: CeleryTransport, clock: Clock) {
    this.#transport = transport;
    this.#clock = clock;
  }

  /** Answers that came in time, by worker. Throws SourceUnavailable where the question could not be sent. */
  async ask(question: Question): Promise<ReadonlyMap<string, unknown>> {
    const answers = new Map<string, unknown>();
    const missing = question.to === null ? null : new Set(question.waitFor ?? question.to);
    const ticket = randomUUID();
    let listeners: number | null = null;
    let enough: () => void = () => undefined;
    const complete = new Promise<void>((resolve) => {
      enough = resolve;
    });
    this.#expect(ticket, (answer) => {
      answers.set(answer.worker, answer.value);
      question.heard?.(answer);
      missing?.delete(answer.worker);
      if (missing === null ? listeners !== null && answers.size >= listeners : missing.size === 0) enough();
    });
    if (missing?.size === 0) enough();

    listeners = await this.#transport.broadcast(
      { method: question.method, arguments: question.arguments ?? {}, destination: question.to, ticket },
      question.signal,
    );
    if (listeners !== 0) await endOf(complete, question.withinMs, question.signal);
    return answers;
  }

  /** Says something that needs no answer. */
  async tell(method: string, to: readonly string[] | null, signal: AbortSignal, args = {}): Promise<void> {
    await this.#transport.broadcast({ method, arguments: args, destination: to, ticket: null }, signal);
  }

  /** One answer from the transport. Those to nobody's ticket are another monitor's, or too late even for us. */
  answer(ticket: string, json: string | Refused): void {
    const pending = this.#pending.get(ticket);
    if (pending === undefined || typeof json !== 'string') return;
    let parsed: unknown;
    try {
      parsed = parsePythonJson(json);
    } catch {
      return; // as good as no answer: the worker counts as silent
    }
    for (const [worker, value] of Object.entries(fieldsOf(parsed) ?? {})) pending.heard({ worker, value });
  }

  #expect(ticket: string, heard: (answer: ControlAnswer) => void): void {
    const now = this.#clock.monotonic();
    for (const [old, { forgetAt }] of this.#pending) {
      if (forgetAt > now && this.#pending.size < MAX_PENDING) break;
      this.#pending.delete(old);
    }
    this.#pending.set(ticket, { heard, forgetAt: now + LATE_ANSWERS_MS });
  }
}

function endOf(complete: Promise<void>, withinMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, withinMs);
    signal.addEventListener('abort', finish, { once: true });
    if (signal.aborted) finish();
    void complete.then(finish);
  });
}
