import { agentAccess } from '../jobs/agent-access.js';
import { type AccessNeed, FACTS_NEED, LIBRARY_SCRIPTS } from '../redis/redis-access.js';

/** What watching and operating BullMQ needs of Redis. Without prefixes every key may be a queue's. */
export function bullmqAccess(prefixes: readonly string[], database: number): readonly AccessNeed[] {
  const keys = prefixes.length > 0 ? prefixes.map((prefix) => `${prefix}:*`) : ['*'];
  return [
    {
      feature: 'queues, tasks, flows and schedulers',
      level: 'watch',
      commands: [
        ...['exists', 'get', 'hexists', 'hget', 'hmget', 'hscan', 'hstrlen', 'lindex', 'llen', 'lpos', 'lrange'],
        ...['mget', 'pttl', 'scan', 'sscan', 'time', 'type', 'zcard', 'zrange', 'zrevrangebyscore', 'zscore'],
      ],
      reads: keys,
    },
    {
      feature: 'events, and counts that are exact',
      level: 'watch',
      commands: ['exec', 'multi', 'xinfo|stream', 'xread'],
      reads: keys,
    },
    { feature: 'workers without an agent', level: 'watch', commands: ['client|list'] },
    FACTS_NEED,
    ...agentAccess(database),
    {
      feature: 'removing, retrying and moving tasks, pausing queues',
      level: 'operate',
      commands: LIBRARY_SCRIPTS,
      writes: keys,
    },
  ];
}
