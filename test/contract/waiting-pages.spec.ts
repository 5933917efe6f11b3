import { afterEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { bullmqEngine } from '../support/bullmq-watched.js';
import { eventually } from '../support/eventually.js';
import { startRedisServer } from '../support/redis-server.js';
import { Watched, watchBull } from './watched.js';

const JOBS = 20_000;
const PAGE = 50;

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** Jobs as the libraries store them, their ids in a list or, with a priority, in a sorted set. */
const FILL = `
for n = ARGV[1], ARGV[2] do
  redis.call('HSET', KEYS[1] .. n, 'name', 'send', 'data', '{}', 'opts', '{}', 'timestamp', '1700000000000')
  if ARGV[3] == 'prioritized' then redis.call('ZADD', KEYS[1] .. ARGV[3], n, n)
  else redis.call('LPUSH', KEYS[1] .. ARGV[3], n) end
end`;

/** Commands whose cost grows with what they are asked about, with no bound in their arguments. */
const UNBOUNDED: ReadonlySet<string> = new Set(
  'keys smembers hgetall hkeys hvals sort sunion sinter lrem lpos monitor'.split(' '),
);

/** How much a command may have to read. */
function breadth([name = '', ...args]: readonly string[]): number {
  switch (name.toLowerCase()) {
    case 'lrange':
    case 'zrange':
    case 'zrevrange': {
      const [, from = '0', to = '0'] = args;
      return Math.sign(Number(from)) * Math.sign(Number(to)) < 0
        ? Number.POSITIVE_INFINITY
        : Number(to) - Number(from) + 1;
    }
    case 'scan':
      return Number(args[args.findIndex((arg) => arg.toUpperCase() === 'COUNT') + 1]);
    default:
      return UNBOUNDED.has(name.toLowerCase()) ? Number.POSITIVE_INFINITY : 1;
  }
}

describe.each([
  ['Bull', 'wait', 'bull'],
  ['Bull, paused', 'paused', 'bull'],
  ['BullMQ', 'wait', 'bullmq'],
  ['BullMQ of version 5, paused', 'paused', 'bullmq'],
  ['BullMQ with priorities', 'prioritized', 'bullmq'],
])('20 000 waiting jobs of %s', (_, place, engine) => {
  test('are shown page by page in their order, by no command that reads more than a page', async () => {
    const server = await startRedisServer({ args: ['--appendonly', 'no'] });
    endings.push(() => server.stop());
    const redis = new Redis(server.url);
    endings.push(() => redis.disconnect());
    await redis.set('bull:heap:id', JOBS);
    if (engine === 'bullmq') await redis.hset('bull:heap:meta', 'version', 'bullmq:6.7.0');
    for (let from = 1; from <= JOBS; from += 5_000) {
      await redis.eval(FILL, 1, 'bull:heap:', from, from + 4_999, place);
    }
    // Version 4 wakes its workers by an entry that is no job, in the place of the next one.
    if (place === 'wait' && engine === 'bullmq') await redis.rpush('bull:heap:wait', '0:0');

    const commands: string[][] = [];
    const monitor = await redis.duplicate().monitor();
    endings.push(() => monitor.disconnect());
    monitor.on('monitor', (_at: string, args: string[]) => commands.push(args));
    const watched = engine === 'bull' ? watchBull(server.url) : new Watched(bullmqEngine(server.url));
    endings.push(() => watched.engine.stop());
    await watched.connected();
    await watched.knows('heap');
    await watched.look();
    const signal = (): AbortSignal => AbortSignal.timeout(20_000);
    for (const offset of [0, 1, 9_975, 19_950, 19_990, 20_000]) {
      const { total, tasks } = await watched.engine.peek('heap', PAGE, signal(), offset);
      expect(total).toBe(JOBS);
      const expected = Array.from({ length: Math.min(PAGE, JOBS - offset) }, (__, n) => `heap:${offset + n + 1}`);
      expect(tasks.map(({ id }) => id)).toEqual(expected);
    }
    expect((await watched.engine.findTask('heap:10000', signal()))?.state).toBe('PENDING');
    await eventually(() => expect(commands.some(([name]) => name?.toLowerCase() === 'scan')).toBe(true), {
      within: 10_000,
    });

    const found = commands
      .filter(([name]) => name?.toLowerCase() !== 'lpos')
      .map((args) => [breadth(args), args.slice(0, 6).join(' ')]);
    // The reports of agents are read at once, 5 000 at most; nothing is read in proportion to the queue.
    expect(found.filter(([width]) => Number(width) > 5_000)).toEqual([]);
  }, 60_000);
});
