import { spawn } from 'node:child_process';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
  const payloads = messages(perMessage);
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

/** As Celery publishes them, shapes and sizes included. */
function messages(perMessage: number): readonly Buffer[] {
  const events: Record<string, unknown>[] = [];
  for (let task = 0; task < TASKS; task += 1) {
    const uuid = `${task.toString(16).padStart(8, '0')}-d47c-4f38-8144-2dc5adb6ff25`;
    const timestamp = 1_795_232_779 + task / 1000;
    const sender = { hostname: `celery@worker-${task % WORKERS}`, utcoffset: 0, pid: 100 + (task % WORKERS) };
    events.push({
      ...sender,
      clock: task * 3,
      uuid,
      name: `app.tasks.model_${task % NAMES}`,
      args: `(${task}, 'dataset-${task % 17}')`,
      kwargs: "{'epochs': 10}",
      root_id: uuid,
      parent_id: null,
      retries: 0,
      eta: null,
      expires: null,
      timestamp,
      type: 'task-received',
    });
    events.push({ ...sender, clock: task * 3 + 1, uuid, timestamp: timestamp + 0.001, type: 'task-started' });
    events.push({
      ...sender,
      clock: task * 3 + 2,
      uuid,
      result: `{'rows': ${task}, 'ok': True}`,
      runtime: 0.0232356129999971,
      timestamp: timestamp + 0.024,
      type: 'task-succeeded',
    });
  }
  const payloads: Buffer[] = [];
  for (let from = 0; from < events.length; from += perMessage) {
    const body = perMessage === 1 ? events[from] : events.slice(from, from + perMessage);
    payloads.push(envelope(pythonJson(body), from));
  }
  return payloads;
}

/** With Python's spaces after commas and colons. */
function pythonJson(value: unknown): string {
  return JSON.stringify(value, null, 1)
    .replace(/\n\s*/g, ' ')
    .replace(/([[{]) /g, '$1')
    .replace(/ ([\]}])/g, '$1');
}

function envelope(body: string, number: number): Buffer {
  const tag = `${number.toString(16).padStart(8, '0')}-03fa-4373-aef8-55290e02a830`;
  return Buffer.from(
    `{"body": "${Buffer.from(body).toString('base64')}", "content-encoding": "utf-8", "content-type": "application/json", ` +
      '"headers": {"hostname": "celery@worker-1"}, "properties": {"delivery_mode": 1, "delivery_info": {"exchange": "celeryev", ' +
      `"routing_key": "task.multi"}, "priority": 0, "body_encoding": "base64", "delivery_tag": "${tag}"}}`,
  );
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
  const file = join(redis.dir, 'commands');
  await writeFile(file, Buffer.concat(payloads.map(publishCommand)));
  const input = await open(file);
  const before = process.cpuUsage();
  // From a file: feeding it would cost this process CPU that no broker costs.
  const publisher = spawn('redis-cli', ['-p', String(redis.port), '--pipe'], {
    stdio: [input.fd, 'ignore', 'inherit'],
  });
  const published = new Promise<void>((resolve) => publisher.once('exit', () => resolve()));
  while (path.finished() < TASKS) await new Promise((resolve) => setTimeout(resolve, 5));
  const { user, system } = process.cpuUsage(before);
  await published;
  await input.close();
  await engine.stop();
  path.check();
  return (user + system) / 1e6;
}

const CHANNEL = '/0.celeryev/task.multi';

function publishCommand(payload: Buffer): Buffer {
  const head = `*3\r\n$7\r\nPUBLISH\r\n$${CHANNEL.length}\r\n${CHANNEL}\r\n$${payload.length}\r\n`;
  return Buffer.concat([Buffer.from(head), payload, Buffer.from('\r\n')]);
}
