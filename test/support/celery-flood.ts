import { spawn } from 'node:child_process';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RedisServer } from './redis-server.js';

export interface Flood {
  readonly tasks: number;
  readonly names: number;
  readonly workers: number;
  /** Events in one message, as a worker puts several together. */
  readonly perMessage: number;
  /** Number of the first task, where several floods are to be of different tasks. */
  readonly from?: number;
}

/** Received, started and succeeded of so many tasks, as Celery publishes them, shapes and sizes included. */
export function floodOf({ tasks, names, workers, perMessage, from: first = 0 }: Flood): readonly Buffer[] {
  const events: Record<string, unknown>[] = [];
  for (let task = first; task < first + tasks; task += 1) {
    const uuid = `${task.toString(16).padStart(8, '0')}-d47c-4f38-8144-2dc5adb6ff25`;
    const timestamp = 1_795_232_779 + task / 1000;
    const sender = { hostname: `celery@worker-${task % workers}`, utcoffset: 0, pid: 100 + (task % workers) };
    events.push({
      ...sender,
      clock: task * 3,
      uuid,
      name: `app.tasks.model_${task % names}`,
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

/** Ready to publish them as fast as Redis takes them, from a process of its own: feeding it would cost this one CPU that no broker costs. */
export async function preparePublishing(redis: RedisServer, payloads: readonly Buffer[]): Promise<() => Promise<void>> {
  const file = join(redis.dir, 'commands');
  await writeFile(file, Buffer.concat(payloads.map(publishCommand)));
  return async () => {
    const input = await open(file);
    const publisher = spawn('redis-cli', ['-p', String(redis.port), '--pipe'], {
      stdio: [input.fd, 'ignore', 'inherit'],
    });
    await new Promise<void>((resolve) => publisher.once('exit', () => resolve()));
    await input.close();
  };
}

const CHANNEL = '/0.celeryev/task.multi';

function publishCommand(payload: Buffer): Buffer {
  const head = `*3\r\n$7\r\nPUBLISH\r\n$${CHANNEL.length}\r\n${CHANNEL}\r\n$${payload.length}\r\n`;
  return Buffer.concat([Buffer.from(head), payload, Buffer.from('\r\n')]);
}
