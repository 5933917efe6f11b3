import { z } from 'zod';
import { SettingsError } from '../config/settings-error.js';
import { type Command, EXIT, type Terminal } from './command.js';
import { CLIENT_HELP, CLIENT_OPTIONS, flagTable, parseOptions } from './options.js';
import { type Colour, oneLine, painter } from './printing.js';
import { ServiceClient, ServiceError } from './service-client.js';

const OPTIONS = {
  ...CLIENT_OPTIONS,
  terminate: { type: 'boolean' },
  signal: { type: 'string' },
  source: { type: 'string' },
} as const;

const report = z.looseObject({
  task_id: z.string(),
  outcome: z.enum(['revoked', 'accepted', 'too-late', 'unacknowledged']),
  message: z.string(),
  workers: z.array(z.looseObject({ worker: z.string(), answer: z.string(), message: z.string().nullable() })),
});
type Outcome = z.infer<typeof report>['outcome'];

const COLOURS: Readonly<Record<Outcome, Colour>> = {
  revoked: 'green',
  accepted: 'green',
  'too-late': 'yellow',
  unacknowledged: 'red',
};
const STOPPED: ReadonlySet<Outcome> = new Set(['revoked', 'accepted']);

export const revoke: Command = {
  help: () =>
    [
      'Usage: taskscope revoke [flags] ID…',
      '',
      'Keeps tasks from running, or stops them, and tells who acknowledged it.',
      '',
      flagTable([
        ['--terminate', 'also stop it if it already runs'],
        ['--signal NAME', 'with --terminate: TERM, INT, QUIT or KILL, where the engine can send one'],
        ['--source NAME', 'where several sources have a task of that id'],
      ]),
      CLIENT_HELP,
      '',
      'Exit code 0: every task is revoked, or a worker has acknowledged. 3: one had already finished, or nobody answered. 1: one was not found or',
      'not allowed.',
    ].join('\n'),
  run: async (words, terminal) => {
    const { values, positionals } = parseOptions(words, OPTIONS);
    if (positionals.length === 0) throw new SettingsError(['command line: expected the id of a task, found none']);
    const { url, json = false, ...query } = values;
    const client = ServiceClient.from(url, terminal.environment);
    let worst: number = EXIT.done;
    for (const id of positionals) {
      const code = await revokeOne(client, id, query, json, terminal);
      // 1 says that something was not done at all: it outweighs the rest.
      if (code === EXIT.failed || worst === EXIT.done) worst = code;
    }
    return worst;
  },
};

async function revokeOne(
  client: ServiceClient,
  id: string,
  query: Readonly<Record<string, string | boolean | undefined>>,
  json: boolean,
  terminal: Terminal,
): Promise<number> {
  let answer: z.infer<typeof report>;
  try {
    answer = report.parse(await client.post(`tasks/${encodeURIComponent(id)}/revoke`, query));
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    // Nobody there for this one is nobody there for the others.
    if (error.status === null) throw error;
    terminal.complain(`taskscope: ${oneLine(id)}: ${oneLine(error.message)}`);
    return EXIT.failed;
  }
  if (json) terminal.print(JSON.stringify(answer));
  else show(answer, terminal);
  return STOPPED.has(answer.outcome) ? EXIT.done : EXIT.negative;
}

function show({ task_id, outcome, message, workers }: z.infer<typeof report>, terminal: Terminal): void {
  const paint = painter(terminal);
  terminal.print(`${paint(COLOURS[outcome], outcome)}  ${oneLine(task_id)}  ${oneLine(message)}`);
  for (const { worker, answer, message: said } of workers)
    terminal.print(`  ${oneLine(worker)}: ${answer}${said === null ? '' : `, ${oneLine(said)}`}`);
}
