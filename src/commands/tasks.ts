import { z } from 'zod';
import { type Command, EXIT, type Terminal } from './command.js';
import { CLIENT_HELP, CLIENT_OPTIONS, countOf, flagTable, parseOptions } from './options.js';
import { aligned, painter } from './printing.js';
import { ServiceClient } from './service-client.js';
import { TASK_COLUMNS, type TaskAnswer, taskAnswer, taskRow } from './task-line.js';

const DEFAULT_LIMIT = 20;
const MAX_PAGE = 500;

const OPTIONS = {
  ...CLIENT_OPTIONS,
  name: { type: 'string' },
  state: { type: 'string' },
  worker: { type: 'string' },
  queue: { type: 'string' },
  source: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  sort: { type: 'string' },
  limit: { type: 'string' },
} as const;

const page = z.looseObject({
  items: z.array(taskAnswer),
  next_cursor: z.string().nullable(),
  total: z.number().nullable(),
});

export const tasks: Command = {
  help: () =>
    [
      'Usage: taskscope tasks [flags] [FILTER]',
      '',
      "Searches the tasks of a running service: taskscope tasks 'state:FAILURE and runtime:>5s'. The filter language is described with the",
      'parameter q of the search under /docs of the service.',
      '',
      flagTable([
        ['--name NAME', 'the whole name, or its beginning and a *'],
        ['--state STATE[,STATE]', 'PENDING, RECEIVED, STARTED, SUCCESS, FAILURE, RETRY, REVOKED, REJECTED, LOST'],
        ['--worker, --queue', 'by name'],
        ['--source NAME', 'of one source only'],
        ['--since, --until', 'enqueued then: ISO 8601, or how long ago, such as 15m'],
        ['--sort FIELD', 'such as -sent, -started, -runtime; - puts the greatest first (-sent)'],
        ['--limit N', `how many, over as many pages as it takes (${DEFAULT_LIMIT})`],
      ]),
      CLIENT_HELP,
    ].join('\n'),
  run: async (words, terminal) => {
    const { values, positionals } = parseOptions(words, OPTIONS);
    const { url, json, limit, ...query } = values;
    const wanted = countOf('--limit', limit) ?? DEFAULT_LIMIT;
    const client = ServiceClient.from(url, terminal.environment);
    const asked = { ...query, q: positionals.length === 0 ? undefined : positionals.join(' ') };
    const { found, total } = await search(client, asked, wanted);
    if (json === true) for (const task of found) terminal.print(JSON.stringify(task));
    else show(found, total, terminal);
    return EXIT.done;
  },
};

async function search(
  client: ServiceClient,
  query: Readonly<Record<string, string | undefined>>,
  wanted: number,
): Promise<{ readonly found: readonly TaskAnswer[]; readonly total: number | null }> {
  const found: TaskAnswer[] = [];
  let cursor: string | null | undefined;
  let total: number | null = null;
  while (found.length < wanted && cursor !== null) {
    const limit = Math.min(MAX_PAGE, wanted - found.length);
    const answer = page.parse(await client.get('tasks', { ...query, limit, cursor }));
    found.push(...answer.items);
    cursor = answer.next_cursor;
    total = answer.total;
  }
  return { found, total };
}

function show(found: readonly TaskAnswer[], total: number | null, terminal: Terminal): void {
  const paint = painter(terminal);
  const head = TASK_COLUMNS.map((column) => paint('bold', column));
  for (const line of aligned([head, ...found.map((task) => taskRow(task, paint))])) terminal.print(line);
  if (total !== null && total > found.length) terminal.complain(`${found.length} of ${total}; --limit shows more`);
}
