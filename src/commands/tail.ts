import { z } from 'zod';
import { messageOf } from '../core/errors.js';
import { type Command, EXIT, type Terminal } from './command.js';
import { CLIENT_HELP, CLIENT_OPTIONS, countOf, flagTable, parseOptions } from './options.js';
import { type Colour, oneLine, painter } from './printing.js';
import { ServiceClient, ServiceError } from './service-client.js';

const OPTIONS = {
  ...CLIENT_OPTIONS,
  name: { type: 'string' },
  queue: { type: 'string' },
  worker: { type: 'string' },
  source: { type: 'string' },
  count: { type: 'string', short: 'n' },
} as const;

/** After the service has gone away, it is asked again this often. */
const RETRY_MS = 1_000;

const event = z.looseObject({
  at: z.string().nullable(),
  event: z.string(),
  source: z.string(),
  task_id: z.string(),
  task_name: z.string().nullable(),
  worker: z.string().nullable(),
  runtime_seconds: z.number().nullable(),
  error: z.looseObject({ type: z.string(), message: z.string() }).nullable(),
});
type Event = z.infer<typeof event>;

const COLOURS: Readonly<Record<string, Colour>> = {
  started: 'cyan',
  success: 'green',
  failure: 'red',
  rejected: 'red',
  retry: 'yellow',
  revoked: 'yellow',
  sent: 'dim',
  received: 'dim',
};

export const tail: Command = {
  help: () =>
    [
      'Usage: taskscope tail [flags]',
      '',
      'Prints what happens to tasks while it happens, until Ctrl-C. When the service goes away it is waited for.',
      '',
      flagTable([
        ['--name NAME', 'the whole task name, or its beginning and a *'],
        ['--queue, --worker', 'by name'],
        ['--source NAME', 'of one source only'],
        ['-n, --count N', 'end after N events'],
      ]),
      CLIENT_HELP,
    ].join('\n'),
  run: async (words, terminal) => {
    const { values } = parseOptions(words, OPTIONS);
    const { url, json = false, count, ...query } = values;
    const client = ServiceClient.from(url, terminal.environment);
    const ending = new AbortController();
    process.once('SIGINT', () => ending.abort());
    process.once('SIGTERM', () => ending.abort());
    let left = countOf('--count', count) ?? Number.POSITIVE_INFINITY;
    const take = (said: Event): void => {
      if (left <= 0) return;
      terminal.print(json ? JSON.stringify(said) : lineOf(said, terminal));
      left -= 1;
      if (left <= 0) ending.abort();
    };
    await follow(client, query, { take, complain: terminal.complain }, ending.signal);
    return EXIT.done;
  },
};

interface Reader {
  readonly take: (event: Event) => void;
  readonly complain: (line: string) => void;
}

/** Until the signal aborts. A first request that fails is an error; later ones are tried again, and that is said once. */
async function follow(
  client: ServiceClient,
  query: Readonly<Record<string, string | undefined>>,
  reader: Reader,
  signal: AbortSignal,
): Promise<void> {
  let connected = false;
  let told = false;
  while (!signal.aborted) {
    try {
      const stream = await client.stream('events', query, signal);
      if (told) reader.complain('taskscope: the service is back; what happened meanwhile is not shown');
      connected = true;
      told = false;
      await read(stream, reader, signal);
    } catch (error) {
      if (signal.aborted) return;
      const refused = error instanceof ServiceError && error.status !== null && error.status < 500;
      if (!connected || refused) throw error;
      if (!told) reader.complain(`taskscope: the service has gone away (${oneLine(messageOf(error))}); waiting for it`);
      told = true;
    }
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** Server-sent events: fields by line, an empty line ends an event. */
async function read(stream: AsyncIterable<Uint8Array>, reader: Reader, signal: AbortSignal): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    rest += decoder.decode(chunk, { stream: true });
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      if (signal.aborted) return;
      const data = block.split('\n').find((line) => line.startsWith('data: '));
      if (data === undefined) continue;
      const parsed: unknown = JSON.parse(data.slice('data: '.length));
      if (block.startsWith('event: dropped')) reader.complain(`taskscope: too many events, left out: ${data.slice(6)}`);
      else reader.take(event.parse(parsed));
    }
  }
}

function lineOf(said: Event, terminal: Terminal): string {
  const paint = painter(terminal);
  const parts = [
    paint('dim', said.at ?? '-'),
    paint(COLOURS[said.event] ?? null, said.event.padEnd(8)),
    oneLine(said.task_name ?? '-'),
    oneLine(said.task_id),
    said.runtime_seconds === null ? '' : `${Number(said.runtime_seconds.toPrecision(3))}s`,
    said.worker === null ? '' : paint('dim', oneLine(said.worker)),
    said.error === null ? '' : paint('red', oneLine(`${said.error.type}: ${said.error.message}`)),
  ];
  return parts.filter((part) => part !== '').join('  ');
}
