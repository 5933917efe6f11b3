import { randomUUID } from 'node:crypto';
import {
  type AgentEngine,
  agentKeys,
  type ControlAnswer,
  type ControlRequest,
  PROTOCOL_VERSION,
} from '../../../agent/protocol.js';
import type { Clock } from '../../core/clock.js';
import { NotSupported } from '../../core/errors.js';
import type { RevokeReport } from '../../core/queue-engine.js';
import { failureOf } from '../redis/redis-failure.js';
import type { RedisLink } from '../redis/redis-link.js';
import { numberOf, textsOf } from '../redis/redis-reply.js';
import type { JobQueue } from './job-queue.js';
import { parseJson } from './parse-json.js';

export interface AgentControlOptions {
  readonly engine: AgentEngine;
  readonly link: RedisLink;
  readonly clock: Clock;
  readonly database: number;
  /** Redis refuses a command that this feature needs. */
  readonly denied: (feature: string) => void;
}

export const ANSWER_WITHIN_MS = 2_000;
/** Answers are asked for, not waited for: BLPOP would need a connection of its own for each request. */
const ASK_EVERY_MS = 50;
const MAX_ANSWERS = 16;
const MAX_ANSWER = 64 * 1024;
const MAX_MESSAGE = 1_000;

/** Asks running jobs to stop, through the agents in their workers: neither library has a way to reach them. */
export class AgentControl {
  readonly #o: AgentControlOptions;

  constructor(options: AgentControlOptions) {
    this.#o = options;
  }

  /** The report; null where nobody answered within two seconds. Who answers runs the job. */
  async stop(
    id: string,
    queue: JobQueue,
    jobId: string,
    jobSignal: string | null,
    signal: AbortSignal,
  ): Promise<RevokeReport | null> {
    const request: ControlRequest = {
      version: PROTOCOL_VERSION,
      requestId: randomUUID(),
      command: 'cancel',
      engine: this.#o.engine,
      prefix: queue.prefix,
      queue: queue.name,
      jobId,
      signal: jobSignal ?? 'SIGTERM',
    };
    const heardBy = await this.#publish(request, signal);
    const answers = heardBy === 0 ? [] : await this.#answers(request.requestId, signal);
    if (answers.length === 0) return null;
    const workers = answers.map(({ worker, result, message }) => ({
      worker,
      answer: result === 'refused' ? ('refused' as const) : ('acknowledged' as const),
      message,
    }));
    if (workers.some(({ answer }) => answer === 'acknowledged')) {
      return { id, outcome: 'accepted', message: 'The worker has acknowledged and stops the task.', workers };
    }
    return {
      id,
      outcome: 'unacknowledged',
      message: 'The worker runs the task but cannot stop it: its processor takes no signal.',
      workers,
    };
  }

  /** NotSupported where the access rules of Redis are the reason, else the error itself. */
  refused(error: unknown, feature: string): unknown {
    if (failureOf(error) !== 'denied') return error;
    this.#o.denied(feature);
    return new NotSupported(`The access rules of Redis deny ${feature}.`, {}, { cause: error });
  }

  async #publish(request: ControlRequest, signal: AbortSignal): Promise<number> {
    try {
      const channel = agentKeys.control(this.#o.database);
      return numberOf(await this.#o.link.call(['PUBLISH', channel, JSON.stringify(request)], signal)) ?? 0;
    } catch (error) {
      throw this.refused(error, 'stopping running tasks (PUBLISH)');
    }
  }

  /** Until one has answered, as a job runs in one worker only, or time is up. */
  async #answers(requestId: string, signal: AbortSignal): Promise<readonly ControlAnswer[]> {
    const { link, clock } = this.#o;
    const until = clock.monotonic() + ANSWER_WITHIN_MS;
    while (clock.monotonic() < until && !signal.aborted) {
      const reply = await link.call(['LRANGE', agentKeys.answer(requestId), 0, MAX_ANSWERS - 1], signal);
      const answers = textsOf(reply).flatMap(readAnswer);
      if (answers.length > 0) return answers;
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
    return [];
  }
}

function readAnswer(json: string): ControlAnswer[] {
  const parsed = json.length > MAX_ANSWER ? null : parseJson(json);
  if (typeof parsed !== 'object' || parsed === null) return [];
  const text = (name: string): string => {
    const value: unknown = Reflect.get(parsed, name);
    return typeof value === 'string' ? value : '';
  };
  const result = (['aborted', 'killed', 'refused'] as const).find((known) => known === text('result'));
  return result
    ? [{ agent: text('agent'), worker: text('worker'), result, message: text('message').slice(0, MAX_MESSAGE) }]
    : [];
}
