import { parseArgs } from 'node:util';
import { messageOf } from '../core/errors.js';
import { put } from './environment.js';
import { SettingsError } from './settings-error.js';

interface Flag {
  readonly name: string;
  /** What the value stands for in the help; null for a switch. */
  readonly value: string | null;
  readonly help: string;
  readonly path: readonly string[];
  /** What a switch sets. */
  readonly sets?: boolean | string;
  readonly number?: boolean;
}

const FLAGS: readonly Flag[] = [
  { name: 'port', value: 'PORT', help: 'port to listen on (8000)', path: ['port'], number: true },
  { name: 'host', value: 'ADDRESS', help: 'address to listen on (127.0.0.1)', path: ['host'] },
  { name: 'data', value: 'DIR', help: 'folder for everything kept on disk (.taskscope)', path: ['data'] },
  {
    name: 'no-sample',
    value: null,
    help: 'no sample workload on the embedded Redis',
    path: ['sample', 'enabled'],
    sets: false,
  },
  {
    name: 'history',
    value: null,
    help: 'keep tasks and counters on disk (the default)',
    path: ['history', 'enabled'],
    sets: true,
  },
  {
    name: 'no-history',
    value: null,
    help: 'keep nothing on disk: counters begin at 0 with each start',
    path: ['history', 'enabled'],
    sets: false,
  },
  { name: 'sample-rate', value: 'N', help: 'sample tasks per second (1)', path: ['sample', 'rate'], number: true },
  { name: 'max-tasks', value: 'N', help: 'live tasks kept in memory (100000)', path: ['maxTasks'], number: true },
  { name: 'prefix', value: 'PATH', help: 'path of the dashboard (/flower)', path: ['dashboard', 'prefix'] },
  {
    name: 'dashboard-port',
    value: 'PORT',
    help: 'a further port that leads to the dashboard',
    path: ['dashboard', 'port'],
    number: true,
  },
  {
    name: 'metrics-port',
    value: 'PORT',
    help: 'a further port for /metrics and the probes alone',
    path: ['metrics', 'port'],
    number: true,
  },
  { name: 'tls-cert', value: 'FILE', help: 'HTTPS with this certificate, PEM', path: ['tls', 'certFile'] },
  { name: 'tls-key', value: 'FILE', help: 'and this key, PEM', path: ['tls', 'keyFile'] },
  {
    name: 'read-only',
    value: null,
    help: 'refuse everything that would change something',
    path: ['readOnly'],
    sets: true,
  },
  {
    name: 'insecure',
    value: null,
    help: 'allow listening beyond loopback without a log-in',
    path: ['insecure'],
    sets: true,
  },
  { name: 'log-level', value: 'LEVEL', help: 'error, warn, info or debug (info)', path: ['log', 'level'] },
  {
    name: 'log-format',
    value: 'FORMAT',
    help: 'json, text, or auto: text on a terminal (auto)',
    path: ['log', 'format'],
  },
  { name: 'json', value: null, help: 'the same as --log-format json', path: ['log', 'format'], sets: 'json' },
];

export interface CommandLine {
  readonly settings: Record<string, unknown>;
  readonly configFile: string | null;
  readonly help: boolean;
  readonly version: boolean;
}

/** Flags and broker URLs as a partial settings object. Unknown flags are an error that names them. */
export function parseCommandLine(words: readonly string[]): CommandLine {
  const options = Object.fromEntries(
    FLAGS.map((flag) => [flag.name, { type: flag.value === null ? ('boolean' as const) : ('string' as const) }]),
  );
  const { values, positionals } = parse(words, {
    ...options,
    config: { type: 'string' as const },
    help: { type: 'boolean' as const, short: 'h' },
    version: { type: 'boolean' as const, short: 'v' },
  });

  const settings: Record<string, unknown> = {};
  for (const flag of FLAGS) {
    const given = values[flag.name];
    if (given === undefined) continue;
    const isNumber =
      flag.number === true && typeof given === 'string' && given.trim() !== '' && Number.isFinite(Number(given));
    put(settings, flag.path, flag.value === null ? flag.sets : isNumber ? Number(given) : given);
  }
  if (positionals.length > 0) settings.brokers = positionals;
  return {
    settings,
    configFile: typeof values.config === 'string' ? values.config : null,
    help: values.help === true,
    version: values.version === true,
  };
}

function parse(words: readonly string[], options: Record<string, { type: 'string' | 'boolean'; short?: string }>) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (error) {
    const [found] = messageOf(error).split('. ');
    throw new SettingsError([`command line: expected the flags that --help shows, found: ${found}`]);
  }
}

export function helpText(): string {
  const column = 24;
  const rows = FLAGS.map((flag) => [`--${flag.name}${flag.value === null ? '' : ` ${flag.value}`}`, flag.help]);
  rows.push(
    ['--config FILE', 'settings file (taskscope.yaml, if there is one)'],
    ['--help, --version', 'show this, or the version'],
  );
  return [
    'Usage: taskscope [flags] [[NAME=][ENGINE+]URL …]',
    '',
    'Watches the brokers at the URLs, such as redis://localhost:6379/0. Which engines live there is found out, or named: bull+redis://…',
    'Without a URL it starts a Redis of its own with a sample workload.',
    '',
    ...rows.map(([flag, help]) => `  ${(flag ?? '').padEnd(column)}${help ?? ''}`),
    '',
    'Every flag has a setting in taskscope.yaml and a TASKSCOPE_* variable: see docs/configuration.md.',
  ].join('\n');
}
