import { constants } from 'node:os';
import type { AgentConnection } from './agent-connection.js';
import type { ControlAnswer, ControlRequest } from './protocol.js';
import { agentKeys, PROTOCOL_VERSION } from './protocol.js';

const MAX_REQUEST_LENGTH = 8 * 1024;
const REQUEST_ID = /^[\w.:-]{1,100}$/;
const ANSWER_TTL_MS = 60_000;

/** Says what came of a request; null where this agent does not run the task. */
export type Cancel = (request: ControlRequest, signal: NodeJS.Signals) => Promise<ControlAnswer | null>;

/** Hears requests to stop a task and answers those that concern this worker. */
export class ControlListener {
  readonly #subscriber: AgentConnection;
  readonly #commands: AgentConnection;
  readonly #cancel: Cancel;
  readonly #onProblem: (problem: Error) => void;

  constructor(
    subscriber: AgentConnection,
    commands: AgentConnection,
    cancel: Cancel,
    onProblem: (problem: Error) => void,
  ) {
    this.#subscriber = subscriber;
    this.#commands = commands;
    this.#cancel = cancel;
    this.#onProblem = onProblem;
    subscriber.redis.on('message', (_channel: string, message: string) => {
      this.#hear(message).catch(onProblem);
    });
  }

  /** To be called whenever the subscriber's connection is up. */
  listen(): void {
    this.#attempt(this.#subscriber.redis.subscribe(agentKeys.control(this.#subscriber.database)));
  }

  /** Finds out whether the connection still reaches anybody: a subscriber hears nothing either way. */
  probe(): void {
    if (this.#subscriber.up) this.#attempt(this.#subscriber.redis.ping());
  }

  async #hear(message: string): Promise<void> {
    const request = parseRequest(message);
    if (request === null) return;
    // Processors with an AbortSignal have no use for a signal's name; a child process is sent SIGTERM where the name is unknown.
    const answer = await this.#cancel(request, isSignal(request.signal) ? request.signal : 'SIGTERM');
    if (answer === null) return;
    const { redis } = this.#commands;
    const key = agentKeys.answer(request.requestId);
    await Promise.all([redis.rpush(key, JSON.stringify(answer)), redis.pexpire(key, ANSWER_TTL_MS)]);
  }

  #attempt(command: Promise<unknown>): void {
    command.catch((problem: Error) => {
      // Without the right to subscribe nothing can be cancelled; to connect again and again would not help.
      if (problem.message === 'Command timed out') this.#subscriber.hangUp(problem);
      this.#onProblem(problem);
    });
  }
}

function isSignal(name: string): name is NodeJS.Signals {
  return Object.hasOwn(constants.signals, name);
}

/** null for anything that is not a request this version understands: other versions may share the channel. */
export function parseRequest(message: string): ControlRequest | null {
  if (message.length > MAX_REQUEST_LENGTH) return null;
  const value = parseJson(message);
  if (typeof value !== 'object' || value === null) return null;
  const text = (key: string): string => {
    const found: unknown = Reflect.get(value, key);
    return typeof found === 'string' ? found : '';
  };
  const engine = text('engine');
  const known =
    Reflect.get(value, 'version') === PROTOCOL_VERSION &&
    text('command') === 'cancel' &&
    REQUEST_ID.test(text('requestId'));
  if (!known || (engine !== 'bull' && engine !== 'bullmq') || text('jobId') === '') return null;
  return {
    version: PROTOCOL_VERSION,
    requestId: text('requestId'),
    command: 'cancel',
    engine,
    prefix: text('prefix'),
    queue: text('queue'),
    jobId: text('jobId'),
    signal: text('signal'),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
