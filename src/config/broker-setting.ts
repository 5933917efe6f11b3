import { z } from 'zod';
import { ENGINE_KINDS } from '../core/source.js';

/** What a Celery application may have changed from Celery's defaults. */
const celerySchema = z.strictObject({
  results: z
    .string()
    .exactOptional()
    .describe(
      'URL of the result backend, where it is not the broker itself: a Redis, db+postgresql://… or db+sqlite:////…',
    ),
  control: z
    .boolean()
    .exactOptional()
    .describe('False: only listen, publish nothing, so nothing is inspected or revoked'),
  stalledSeconds: z
    .number()
    .min(1)
    .exactOptional()
    .describe('A worker that takes none of the work that waits for it for so long has stalled; 30 where it is missing'),
  sendable: z
    .array(z.string().min(1).max(256))
    .exactOptional()
    .describe('Names of tasks that may be sent from here, a * at the end for any ending; none where it is missing'),
  names: z
    .strictObject({
      controlExchange: z.string().min(1).exactOptional().describe('control_exchange'),
      eventExchange: z.string().min(1).exactOptional().describe('event_exchange'),
      eventQueue: z
        .string()
        .regex(/^[\w.-]{1,100}$/, 'letters, digits and . _ -, at most 100')
        .exactOptional()
        .describe(
          'RabbitMQ: name of a durable queue that is made for this service alone, in which events wait while it is away',
        ),
      keyPrefix: z.string().exactOptional().describe('global_keyprefix of the broker'),
      fanoutPrefix: z.string().nullable().exactOptional().describe('fanout_prefix; an empty text for False'),
      prioritySteps: z.array(z.int().min(0).max(255)).min(1).exactOptional().describe('priority_steps'),
      prioritySeparator: z.string().min(1).exactOptional().describe('sep'),
      unackedKey: z.string().min(1).exactOptional().describe('unacked_key'),
      resultPrefix: z.string().exactOptional().describe('global_keyprefix of the result backend'),
    })
    .exactOptional()
    .describe('Names that the application has changed in its Celery configuration'),
});

/** One broker to watch. Without an engine it is looked at to find out which ones live there. */
export const brokerSchema = z.strictObject({
  url: z
    .string()
    .regex(/^[a-z][a-z0-9+.-]*:\/\/.+/i, 'a URL such as redis://localhost:6379/0')
    .describe('Where the broker is, as the application writes it'),
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._@:/-]{0,99}$/, 'letters, digits and . _ @ : / -, at most 100')
    .optional()
    .describe('Name of the source in labels and filters; made from engine and address where it is missing'),
  engine: z.enum(ENGINE_KINDS).optional().describe('Which engine to watch there; found out where it is missing'),
  prefixes: z
    .array(z.string().min(1))
    .optional()
    .describe('Key prefixes of Bull queues to watch; all where it is missing'),
  celery: celerySchema.optional().describe('What a Celery application has changed from the defaults'),
});
export type BrokerSetting = z.infer<typeof brokerSchema>;

const ENGINE_WORD = new RegExp(`^(${ENGINE_KINDS.join('|')})\\+`);
const NAMED = /^([A-Za-z0-9][A-Za-z0-9._@-]{0,99})=(.+)$/s;

/** `NAME=engine+scheme://…`, with name and engine optional. What is malformed is left for the schema to refuse. */
export function parseBrokerWord(word: string): z.input<typeof brokerSchema> {
  const named = NAMED.exec(word);
  const [name, rest] = named === null ? [undefined, word] : [named[1], named[2] ?? ''];
  const found = ENGINE_WORD.exec(rest)?.[1];
  const engine = ENGINE_KINDS.find((kind) => kind === found);
  return {
    url: engine === undefined ? rest : rest.slice(engine.length + 1),
    ...(name === undefined ? {} : { name }),
    ...(engine === undefined ? {} : { engine }),
  };
}

/** Brokers that could not be told apart in labels and filters, by their place; and what was expected of each. */
export function alikeBrokers(brokers: readonly BrokerSetting[]): ReadonlyMap<number, string> {
  const alike = new Map<number, string>();
  const first = new Map<string, number>();
  brokers.forEach(({ name, engine, url }, at) => {
    const key = name === undefined ? `${engine ?? ''} ${url}` : `= ${name}`;
    const same = first.get(key);
    if (same === undefined) first.set(key, at);
    else if (name === undefined) alike.set(at, `another broker than brokers.${same}, or a name of its own`);
    else alike.set(at, `another name than "${name}", which brokers.${same} has`);
  });
  return alike;
}
