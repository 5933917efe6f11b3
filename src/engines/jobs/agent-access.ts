import { agentKeys } from '../../../agent/protocol.js';
import type { AccessNeed } from '../redis/redis-access.js';

/** What the agents in workers of Bull and BullMQ leave in Redis for us, and how they are asked to stop a job. */
export function agentAccess(database: number): readonly AccessNeed[] {
  return [
    {
      feature: 'exact counts, resources and workers told by agents',
      level: 'watch',
      commands: ['get', 'xrange', 'xread', 'xrevrange', 'zrevrange'],
      reads: [agentKeys.facts, agentKeys.agents, agentKeys.report('*')],
    },
    {
      feature: 'stopping running tasks through agents',
      level: 'operate',
      commands: ['lrange', 'publish'],
      reads: [agentKeys.answer('*')],
      channels: [agentKeys.control(database)],
    },
  ];
}
