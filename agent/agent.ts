import type { AgentOptions } from './agent-options.js';
import type { Target } from './instrumentable.js';
import { instrumentable } from './instrumentable.js';
import { locationOf } from './redis-location.js';
import { Agent } from './worker-agent.js';

export type { AgentOptions } from './agent-options.js';
export type { AgentSummary } from './agent-summary.js';
export type { BullmqWorkerLike } from './bullmq-worker.js';
export { abortSignal, cancellable, TaskRevoked, TaskTimedOut } from './cancellation.js';
export type { Agent } from './worker-agent.js';

/** An agent for this process, of its own. It connects when the first queue or worker is instrumented. */
export function createAgent(options: AgentOptions = {}): Agent {
  return new Agent(options);
}

const agents = new Map<string, Agent>();

/**
 * Instruments a Bull queue or a BullMQ worker with the process's agent for its Redis, which is made on the first call: the options of later
 * calls are not used.
 * @example instrument(queue);
 */
export function instrument(target: Target, options: AgentOptions = {}): Agent {
  const { connection } = instrumentable(target);
  const location = connection === null ? 'elsewhere' : locationOf(connection);
  let agent = agents.get(location);
  if (agent === undefined || agent.closed) {
    agent = new Agent(options);
    agents.set(location, agent);
  }
  return agent.instrument(target);
}
