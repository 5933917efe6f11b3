import { Redis } from 'ioredis';
import { SystemClock } from '../src/core/clock.js';
import { redactor } from '../src/core/redaction.js';
import { createEngine } from '../src/engines/create-engine.js';
import { EngineDetector } from '../src/engines/engine-detector.js';
import { eventually } from '../test/support/eventually.js';
import { startRedisServer } from '../test/support/redis-server.js';
import { type Figure, figure, median } from './figure.js';

const JOBS = 1_000_000;
const JOBS_PER_CALL = 10_000;
const PAGE = 50;
const ROUNDS = 15;
const FIND_WITHIN_S = 5;
const PAGE_WITHIN_MS = 50;
const SLOW_MS = 10;

/** Writes jobs as the library does: a hash each, and its id in the waiting list. */
const FILL = `
for n = ARGV[1], ARGV[2] do
  redis.call('HSET', KEYS[1] .. n, 'name', 'send', 'data', '{"to":' .. n .. '}', 'opts', '{"attempts":3}',
    'timestamp', ARGV[3], 'delay', '0', 'priority', '0')
  redis.call('LPUSH', KEYS[1] .. 'wait', n)
end`;

/** What a queue of a million waiting jobs costs whoever watches it, and Redis. */
export async function measureWaiting(): Promise<readonly Figure[]> {
  return [...(await measure('bull')), ...(await measure('bullmq'))];
}

async function measure(kind: 'bull' | 'bullmq'): Promise<readonly Figure[]> {
  const server = await startRedisServer({ args: ['--appendonly', 'no'] });
  const redis = new Redis(server.url);
  const clock = new SystemClock();
  const signal = (): AbortSignal => AbortSignal.timeout(10_000);
  const engine = createEngine({
    source: { name: 'bench', engine: kind, location: server.url },
    url: server.url,
    clock,
    redact: redactor(),
    log: () => undefined,
  });
  try {
    await fill(redis, kind);
    // All of them, so that the longest is known also where none is slow.
    await redis.config('SET', 'slowlog-log-slower-than', '500', 'slowlog-max-len', '100000');
    await redis.call('SLOWLOG', 'RESET');

    const began = performance.now();
    // The source begins as soon as it is found, and the search for the other engines goes on.
    const search = new EngineDetector(server.url, clock).detect(signal(), (found) => {
      if (found === kind) engine.start({ events: () => undefined, status: () => undefined });
    });
    const look = (listLimit: number) => engine.inspect({ listLimit, signal: signal() });
    await eventually(
      async () => {
        const { queues } = await look(1);
        if (queues[0]?.length !== JOBS) throw new Error(`expected ${JOBS} waiting, found ${queues[0]?.length}`);
      },
      { within: 60_000, every: 20 },
    );
    const foundAfter = (performance.now() - began) / 1000;
    await search;

    const page = (offset: number) => timed(() => engine.peek('heap', PAGE, signal(), offset));
    const [first, middle, last] = [await page(0), await page(JOBS / 2), await page(JOBS - PAGE)];
    const looks = await timed(() => look(100));
    const finds = await timed(() => engine.findTask(`heap:${JOBS / 2}`, signal()));
    await engine.resolveTaskId(String(JOBS / 2), 10, signal());
    const logged = await longestCommands(redis);
    const longest = Math.max(0.5, ...logged.map(({ ms }) => ms));
    const slow = logged.filter(({ ms }) => ms > SLOW_MS).map(({ name, ms }) => `${name} (${ms.toFixed(1)} ms)`);
    const scan = await averageMs(redis, 'scan');

    const removing = performance.now();
    await engine.revoke(`heap:${JOBS / 2}`, { terminate: false, signal: null }, signal());
    const removed = performance.now() - removing;
    const atMost = (name: string, ms: number): Figure =>
      figure(`${kind}: ${name}`, ms, 'ms', { text: `at most ${PAGE_WITHIN_MS}`, good: ms <= PAGE_WITHIN_MS });
    return [
      figure(`${kind}: a million waiting, found after`, foundAfter, 's', {
        text: `within ${FIND_WITHIN_S}`,
        good: foundAfter <= FIND_WITHIN_S,
      }),
      atMost(`the first ${PAGE} with their payloads`, first),
      atMost(`${PAGE} from the middle`, middle),
      atMost(`the last ${PAGE}`, last),
      atMost('a look with a list of 100', looks),
      atMost('a task by its id', finds),
      figure(`${kind}: the longest command in SLOWLOG`, longest, 'ms'),
      figure(`${kind}: commands above ${SLOW_MS} ms in SLOWLOG`, slow.length, slow.join(' ') || 'commands', {
        text: 'none, on a machine with nothing else to do',
        good: slow.length === 0,
      }),
      figure(`${kind}: a SCAN on the way, on average`, scan, 'ms'),
      figure(`${kind}: revoking one from the middle, by the library’s script`, removed, 'ms'),
    ];
  } finally {
    await engine.stop();
    redis.disconnect();
    await server.stop();
  }
}

async function timed(ask: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    await ask();
    times.push(performance.now() - began);
  }
  return median(times);
}

async function fill(redis: Redis, kind: 'bull' | 'bullmq'): Promise<void> {
  const now = Date.now();
  for (let from = 1; from <= JOBS; from += JOBS_PER_CALL) {
    await redis.eval(FILL, 1, 'bull:heap:', from, from + JOBS_PER_CALL - 1, now);
  }
  await redis.set('bull:heap:id', JOBS);
  if (kind === 'bull') return;
  await redis.hset('bull:heap:meta', 'version', 'bullmq:6.7.0', 'opts.maxLenEvents', '10000');
  await redis.xadd('bull:heap:events', '*', 'event', 'waiting', 'jobId', String(JOBS));
}

/** Redis counts its own time: what else the machine does in between is in it too, but spread over all calls. */
async function averageMs(redis: Redis, command: string): Promise<number> {
  const found = new RegExp(`cmdstat_${command}:.*usec_per_call=([\\d.]+)`).exec(await redis.info('commandstats'));
  return Number(found?.[1] ?? Number.NaN) / 1000;
}

/** Commands that took Redis longer than half a millisecond, whoever sent them: nobody else is there. */
async function longestCommands(redis: Redis): Promise<readonly { readonly name: string; readonly ms: number }[]> {
  const log: unknown = await redis.call('SLOWLOG', 'GET', 100_000);
  if (!Array.isArray(log)) return [];
  return log.map((entry: unknown) => {
    const command: unknown = Array.isArray(entry) ? entry[3] : null;
    const micros = Array.isArray(entry) ? Number(entry[2]) : Number.NaN;
    return { name: Array.isArray(command) ? String(command[0]) : 'unknown', ms: micros / 1000 };
  });
}
