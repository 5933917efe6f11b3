import { type Channel, type ChannelModel, connect } from 'amqplib';
import { Redis } from 'ioredis';
import { eventually } from './eventually.js';
import type { RabbitServer } from './rabbitmq-server.js';
import { isRecord } from './records.js';

/** Questions to Celery's workers, and being asked to tell what they do: sent as commands are, and all that watching needs. */
const QUESTIONS: ReadonlySet<string> = new Set([
  'ping',
  'stats',
  'active',
  'reserved',
  'scheduled',
  'active_queues',
  'registered',
  'revoked',
  'conf',
  'report',
  'query_task',
  'hello',
  'heartbeat',
  'enable_events',
]);
/** Where the answers to them come in, and are taken out. */
const ANSWERS = /^taskscope\.reply\./;

export interface BrokerWrites {
  /** Everything that was written so far, but for questions to workers and their answers. */
  told(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/**
 * What clients over TCP write to a Redis, as MONITOR shows it, scripts included. Clients over its socket, which is `socket`, are the
 * application, and are left out.
 */
export async function watchRedisWrites(socket: string): Promise<BrokerWrites> {
  const admin = new Redis({ path: socket });
  const writing = await writingCommands(admin);
  const monitor = await admin.monitor();
  const told: string[] = [];
  const markers = new Set<string>();
  let ofScripts = '';
  monitor.on('monitor', (_time: string, words: readonly string[], client: string) => {
    const [command = '', first = '', second = ''] = words;
    const name = command.toLowerCase();
    if (name === 'ping') markers.add(first);
    const caller = client === 'lua' ? ofScripts : client;
    if (name.startsWith('eval') || name.startsWith('fcall')) ofScripts = client;
    if (caller.startsWith('unix:')) return;
    if (name === 'publish' ? !isQuestion(second) : writing.has(name) && !ANSWERS.test(first))
      told.push(words.join(' ').slice(0, 300));
  });
  let marks = 0;
  return {
    told: async () => {
      marks += 1;
      const marker = `marker-${marks}`;
      await admin.ping(marker);
      await eventually(() => {
        if (!markers.has(marker)) throw new Error(`expected MONITOR to show ${marker}`);
      });
      return [...told];
    },
    stop: async () => {
      monitor.disconnect();
      admin.disconnect();
    },
  };
}

async function writingCommands(redis: Redis): Promise<ReadonlySet<string>> {
  const commands: unknown = await redis.call('COMMAND');
  return new Set(
    (Array.isArray(commands) ? commands : []).flatMap((command: unknown) => {
      const [name, , flags]: readonly unknown[] = Array.isArray(command) ? command : [];
      return Array.isArray(flags) && flags.includes('write') ? [String(name)] : [];
    }),
  );
}

/** What anybody publishes to a RabbitMQ, as its firehose tells. */
export async function watchRabbitWrites(rabbit: RabbitServer): Promise<BrokerWrites> {
  await rabbit.control('trace_on');
  const connection: ChannelModel = await connect(rabbit.url);
  const channel: Channel = await connection.createChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, 'amq.rabbitmq.trace', 'publish.#');
  const told: string[] = [];
  const markers = new Set<string>();
  await channel.consume(
    queue,
    (message) => {
      if (message === null) return;
      const exchange = message.fields.routingKey.replace(/^publish\./, '');
      const text = message.content.toString();
      if (exchange === 'taskscope-markers') markers.add(text);
      // Of workers: what they tell, and their answers.
      else if (exchange === 'celeryev' || ANSWERS.test(routedBy(message.properties.headers))) return;
      else if (!isQuestion(text)) told.push(`${exchange} ${text}`.slice(0, 300));
    },
    { noAck: true },
  );
  await channel.assertExchange('taskscope-markers', 'fanout', { autoDelete: false, durable: false });
  let marks = 0;
  return {
    told: async () => {
      marks += 1;
      const marker = `marker-${marks}`;
      channel.publish('taskscope-markers', '', Buffer.from(marker));
      await eventually(() => {
        if (!markers.has(marker)) throw new Error(`expected the firehose to show ${marker}`);
      });
      return [...told];
    },
    stop: async () => {
      await connection.close();
    },
  };
}

/** The firehose tells it in a header. */
function routedBy(headers: unknown): string {
  const keys = isRecord(headers) ? headers.routing_keys : undefined;
  return Array.isArray(keys) ? String(keys[0]) : '';
}

/** A command to workers, in Redis within an envelope. */
function isQuestion(text: string): boolean {
  const parsed = parse(text);
  const body = isRecord(parsed) && typeof parsed.body === 'string' ? parse(atob(parsed.body)) : parsed;
  return isRecord(body) && QUESTIONS.has(String(body.method));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
