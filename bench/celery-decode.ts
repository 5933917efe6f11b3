import { metricsSettingsSchema } from '../src/config/metrics-settings.js';
import { SystemClock } from '../src/core/clock.js';
import { redactor } from '../src/core/redaction.js';
import type { EngineEvent } from '../src/core/task-event.js';
import { CeleryEngine } from '../src/engines/celery/celery-engine.js';
import { DEFAULT_NAMES } from '../src/engines/celery/celery-settings.js';
import { EventDecoder } from '../src/engines/celery/event-decoder.js';
import { KnownQueues } from '../src/engines/celery/known-queues.js';
import { TaskNotes } from '../src/engines/celery/task-notes.js';
import { eventBodyOf } from '../src/engines/celery/transport/redis-envelope.js';
import { WorkerBook } from '../src/engines/celery/worker-book.js';
import { parseRedisUrl } from '../src/engines/redis/redis-url.js';
import { EventCounts } from '../src/metrics/event-counts.js';
import { MetricFamilies } from '../src/metrics/metric-families.js';
import { ResultMetrics } from '../src/metrics/result-metrics.js';
import { TaskFamilies } from '../src/metrics/task-families.js';
import { TaskRecorder } from '../src/metrics/task-recorder.js';
import { EventIntake } from '../src/queue-inspector/event-intake.js';
import { floodOf, preparePublishing } from '../test/support/celery-flood.js';
import { type RedisServer, startRedisServer } from '../test/support/redis-server.js';
import { cpuSeconds, type Figure, figure, median } from './figure.js';

const TASKS = 50_000;
const EVENTS_PER_TASK = 3;
const NAMES = 200;
const WORKERS = 8;
const ROUNDS = 5;
const SOURCE = { name: 'bench', engine: 'celery', location: 'redis://bench' } as const;

/**
 * The whole path of Celery's events, once from the bytes of the messages and once from the socket of a real Redis, against bare decoding:
 * the JSON of the envelope, its base64, the JSON of the body, and nothing else. Run in turn, medians compared.
 */
export async function measureCeleryEvents(): Promise<readonly Figure[]> {
  const redis = await startRedisServer({
    args: ['--client-output-buffer-limit', 'pubsub 0 0 0', '--appendonly', 'no'],
  });
  try {
    return [...(await measure(redis, 1)), ...(await measure(redis, 10))];
  } finally {
    await redis.stop();
  }
}

async function measure(redis: RedisServer, perMessage: number): Promise<readonly Figure[]> {
  const payloads = floodOf({ tasks: TASKS, names: NAMES, workers: WORKERS, perMessage });
  const events = TASKS * EVENTS_PER_TASK;
  const [bare, inMemory, fromSocket]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const decoding = cpuSeconds(() => decodeBarely(payloads));
    const path = newPath();
    const taking = cpuSeconds(() => takeFromMemory(path, payloads));
    path.check();
    const socket = await takeFromSocket(redis, payloads);
    // The first round compiles.
    if (round === 0) continue;
    bare.push(events / decoding);
    inMemory.push(events / taking);
    fromSocket.push(events / socket);
  }
  const of = perMessage === 1 ? 'one event a message' : `${perMessage} events a message`;
  const share = (median(fromSocket) / median(bare)) * 100;
  // Batches are cheaper for everybody, and bare decoding hardly looks at them: the bar is that of single events.
  const bar = perMessage === 1 ? { text: 'at least 30', good: share >= 30 } : undefined;
  return [
    figure(`bare decoding, ${of}`, median(bare), 'events/CPU-s'),
    figure(`decoding, live state, metrics, ${of}`, median(inMemory), 'events/CPU-s'),
    figure(`the same from the socket, ${of}`, median(fromSocket), 'events/CPU-s'),
    figure(`whole path as a share of bare decoding, ${of}`, share, '%', bar),
  ];
}

function decodeBarely(payloads: readonly Buffer[]): void {
  for (const payload of payloads) {
    const envelope: unknown = JSON.parse(payload.toString());
    const body: unknown = typeof envelope === 'object' && envelope !== null ? Reflect.get(envelope, 'body') : null;
    if (typeof body !== 'string') throw new Error('expected a body');
    if (typeof JSON.parse(Buffer.from(body, 'base64').toString()) !== 'object') throw new Error('expected events');
  }
}

interface Path {
  readonly intake: EventIntake;
  /** Throws unless every task has been counted, once. */
  readonly check: () => void;
  readonly finished: () => number;
}

function newPath(): Path {
  const clock = new SystemClock();
  const settings = metricsSettingsSchema.parse({});
  const families = new MetricFamilies(settings.maxSeries);
  const recorder = new TaskRecorder(
    clock,
    new TaskFamilies(families, settings),
    new ResultMetrics(families, settings),
    settings,
  );
  const intake = new EventIntake({ maxTasks: 100_000, maxBytes: 256 * 1024 * 1024 });
  let finished = 0;
  intake.listen(recorder);
  intake.listen(new EventCounts(clock, families));
  intake.listen({
    transitions: (_, batch) => {
      for (const transition of batch) if (transition.kind === 'finished') finished += 1;
    },
    notice: () => undefined,
  });
  const check = (): void => {
    if (finished !== TASKS) throw new Error(`expected ${TASKS} finished tasks to be counted, found ${finished}`);
  };
  return { intake, check, finished: () => finished };
}

/** In the portions in which a socket would bring them. */
function takeFromMemory({ intake }: Path, payloads: readonly Buffer[]): void {
  const decoder = new EventDecoder({
    workers: new WorkerBook(),
    notes: new TaskNotes(),
    queues: new KnownQueues(),
    redact: redactor(),
    listener: { workerTold: () => undefined },
  });
  let batch: EngineEvent[] = [];
  let pending = 0;
  for (const payload of payloads) {
    const body = eventBodyOf(payload);
    if (typeof body !== 'string') throw new Error('expected a message that can be read');
    decoder.decode(body, batch);
    pending += payload.length;
    if (pending < 64 * 1024) continue;
    intake.take(SOURCE, batch);
    batch = [];
    pending = 0;
  }
  intake.take(SOURCE, batch);
}

/** CPU seconds of this process from the first message to the last; who publishes is a process of its own. */
async function takeFromSocket(redis: RedisServer, payloads: readonly Buffer[]): Promise<number> {
  const path = newPath();
  const engine = new CeleryEngine({
    source: SOURCE,
    broker: { kind: 'redis', settings: parseRedisUrl(redis.url) },
    names: DEFAULT_NAMES,
    clock: new SystemClock(),
    redact: redactor(),
    sendable: [],
    control: false,
    results: null,
    resultLatency: () => undefined,
  });
  const connected = new Promise<void>((resolve) => {
    engine.start({
      events: (batch) => path.intake.take(SOURCE, batch),
      status: ({ connection }) => {
        if (connection === 'connected') resolve();
      },
    });
  });
  await connected;
  const publish = await preparePublishing(redis, payloads);
  const before = process.cpuUsage();
  const published = publish();
  while (path.finished() < TASKS) await new Promise((resolve) => setTimeout(resolve, 5));
  const { user, system } = process.cpuUsage(before);
  await published;
  await engine.stop();
  path.check();
  return (user + system) / 1e6;
}
