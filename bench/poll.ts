import Bull from 'bull';
import { Redis } from 'ioredis';
import { SystemClock } from '../src/core/clock.js';
import type { QueueEngine } from '../src/core/queue-engine.js';
import { redactor } from '../src/core/redaction.js';
import { createEngine } from '../src/engines/create-engine.js';
import { eventually } from '../test/support/eventually.js';
import { startRedisServer } from '../test/support/redis-server.js';
import { type Figure, figure, median } from './figure.js';

const SIZES = [10, 100, 1000] as const;
const POLLS = 15;
const TASKS_PER_QUEUE = 3;
const FIND_WITHIN_S = 30;
const POLL_WITHIN_MS = 250;
const MAX_CONNECTIONS = 10;

/** What watching costs Redis, by the number of queues: time to find them, connections, commands and time of one poll. */
export async function measurePolls(): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const queues of SIZES) figures.push(...(await measure(queues)));
  return figures;
}

async function measure(queues: number): Promise<readonly Figure[]> {
  const server = await startRedisServer();
  const redis = new Redis(server.url);
  const engine = bullEngine(server.url);
  try {
    await fill(redis, queues);
    const began = performance.now();
    engine.start({ events: () => undefined, status: () => undefined });
    await eventually(async () => expectCount(engine, queues), { within: FIND_WITHIN_S * 1000, every: 50 });
    const foundAfter = (performance.now() - began) / 1000;

    const times: number[] = [];
    const commands: number[] = [];
    for (let poll = 0; poll < POLLS; poll += 1) {
      const before = engine.cost().commands;
      const asked = performance.now();
      await look(engine);
      times.push(performance.now() - asked);
      commands.push(engine.cost().commands - before);
    }
    const { connections } = engine.cost();
    const pollMs = median(times);
    return [
      figure(`${queues} queues: found after`, foundAfter, 's', {
        text: `within ${FIND_WITHIN_S}`,
        good: foundAfter <= FIND_WITHIN_S,
      }),
      figure(`${queues} queues: connections`, connections, '', {
        text: `at most ${MAX_CONNECTIONS}`,
        good: connections <= MAX_CONNECTIONS,
      }),
      figure(`${queues} queues: commands of a poll`, median(commands), 'commands'),
      figure(`${queues} queues: a poll`, pollMs, 'ms', {
        text: `at most ${POLL_WITHIN_MS}`,
        good: pollMs <= POLL_WITHIN_MS,
      }),
    ];
  } finally {
    await engine.stop();
    redis.disconnect();
    await server.stop();
  }
}

function bullEngine(url: string): QueueEngine {
  return createEngine({
    source: { name: 'bench', engine: 'bull', location: url },
    url,
    clock: new SystemClock(),
    redact: redactor(),
    log: () => undefined,
  });
}

/** Real queues, made by Bull itself, over two shared connections. */
async function fill(client: Redis, queues: number): Promise<void> {
  for (let at = 0; at < queues; at += 1) {
    client.setMaxListeners(0);
    const queue = new Bull(`queue-${at}`, { createClient: () => client });
    await queue.addBulk(
      Array.from({ length: TASKS_PER_QUEUE }, (_, n) => ({
        data: { n },
        ...(n === 0 ? { opts: { delay: 3_600_000 } } : {}),
      })),
    );
  }
}

function look(engine: QueueEngine) {
  return engine.inspect({ listLimit: 100, signal: AbortSignal.timeout(10_000) });
}

async function expectCount(engine: QueueEngine, queues: number): Promise<void> {
  const found = (await look(engine)).queues.length;
  if (found !== queues) throw new Error(`expected ${queues} queues, found ${found}`);
}
