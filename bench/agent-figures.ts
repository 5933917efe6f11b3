import { startRedisServer } from '../test/support/redis-server.js';
import { measureAgentCost } from './agent-cost.js';
import { type Figure, figure } from './figure.js';

export async function agentFigures(): Promise<readonly Figure[]> {
  const redis = await startRedisServer();
  try {
    const cost = await measureAgentCost(redis.url);
    const megabytes = cost.memoryBytesAt100 / 1e6;
    return [
      figure('worker without the agent, as fast as it can', cost.throughputWithout, 'tasks/s'),
      figure('worker with the agent, as fast as it can', cost.throughputWith, 'tasks/s'),
      figure('CPU per task without', cost.cpuPerJobWithoutUs, 'µs'),
      figure('CPU per task with', cost.cpuPerJobWithUs, 'µs'),
      figure('agent at 100 tasks/s', cost.cpuPercentAt100, '% of a core', {
        text: 'below 1',
        good: cost.cpuPercentAt100 < 1,
      }),
      figure('agent at 100 tasks/s, heap and buffers', megabytes, 'MB', { text: 'below 10', good: megabytes < 10 }),
    ];
  } finally {
    await redis.stop();
  }
}
