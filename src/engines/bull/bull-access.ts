import { agentAccess } from '../jobs/agent-access.js';
import { type AccessNeed, FACTS_NEED, LIBRARY_SCRIPTS } from '../redis/redis-access.js';
import { channelPatterns } from './bull-channel.js';

/** What watching and operating Bull needs of Redis. Without prefixes every key may be a queue's. */
export function bullAccess(prefixes: readonly string[], database: number): readonly AccessNeed[] {
  const keys = prefixes.length > 0 ? prefixes.map((prefix) => `${prefix}:*`) : ['*'];
  return [
    {
      feature: 'queues, tasks and schedules',
      level: 'watch',
      commands: [
        ...['exists', 'get', 'hexists', 'hget', 'hmget', 'hstrlen', 'lindex', 'llen', 'lpos', 'lrange', 'mget', 'scan'],
        ...['type', 'zcard', 'zrange', 'zrevrange', 'zrevrangebyscore', 'zscore'],
      ],
      reads: keys,
    },
    { feature: 'counts that are exact', level: 'watch', commands: ['exec', 'multi'], reads: keys },
    {
      feature: 'live events',
      level: 'watch',
      commands: ['psubscribe'],
      channels: channelPatterns(prefixes).map(({ pattern }) => pattern),
    },
    { feature: 'workers without an agent', level: 'watch', commands: ['client|list'] },
    FACTS_NEED,
    ...agentAccess(database),
    {
      feature: 'removing, retrying and moving tasks, pausing queues',
      level: 'operate',
      commands: [...LIBRARY_SCRIPTS, 'publish'],
      writes: keys,
      channels: keys,
    },
  ];
}
