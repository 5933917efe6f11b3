import { stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { makeToken } from '../auth/api-token.js';
import { FileAuditLog } from '../auth/file-audit-log.js';
import { FileTokenStore } from '../auth/file-token-store.js';
import { Roles } from '../auth/roles.js';
import { parseCommandLine } from '../config/flags.js';
import { loadSettings } from '../config/load-settings.js';
import { SettingsError } from '../config/settings-error.js';
import type { Settings } from '../config/settings-schema.js';
import { PERMISSIONS } from '../core/permissions.js';
import { type Command, EXIT, type Terminal } from './command.js';
import { flagTable, parseOptions } from './options.js';
import { aligned, oneLine } from './printing.js';
import { tokenAnswer } from './token-answer.js';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = '90';
const MAX_DAYS = 366;

const OPTIONS = {
  config: { type: 'string' },
  data: { type: 'string' },
  role: { type: 'string' },
  permission: { type: 'string', multiple: true },
  action: { type: 'string', multiple: true },
  source: { type: 'string', multiple: true },
  queue: { type: 'string', multiple: true },
  days: { type: 'string' },
  json: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parseOptions<typeof OPTIONS>>['values'];

export const token: Command = {
  help: () =>
    [
      'Usage: taskscope token create [flags] NAME',
      '       taskscope token list [flags]',
      '       taskscope token revoke [flags] ID…',
      '',
      "Makes, lists and revokes API tokens in the service's data folder; a running service knows within a second.",
      '',
      flagTable([
        ['--role NAME', 'what the token may do: viewer, operator, admin or one of auth.roles'],
        ['--permission NAME', `instead of a role, as often as needed: ${PERMISSIONS.join(', ')}`],
        ['--action ID', 'only these operations that change something, by operationId'],
        ['--source NAME', 'only these sources, by name or beginning and *'],
        ['--queue NAME', 'only these queues'],
        ['--days N', `how long it is good for, at most ${MAX_DAYS} (${DEFAULT_DAYS})`],
        ['--json', 'one JSON object a line, one for each token'],
        ['--data DIR', "the service's data folder (as in the settings)"],
        ['--config FILE', 'settings file (taskscope.yaml, if there is one)'],
      ]),
    ].join('\n'),
  run: async (words, terminal) => {
    const { values, positionals } = parseOptions(words, OPTIONS);
    const json = values.json === true;
    const [verb, ...rest] = positionals;
    const settings = settingsOf(values, terminal);
    const store = new FileTokenStore(settings.data);
    switch (verb) {
      case 'create':
        return create(rest, values, settings, store, terminal);
      case 'list':
        return list(store, json, terminal);
      case 'revoke':
        return revoke(rest, json, settings, store, terminal);
      default:
        throw new SettingsError([`command line: expected create, list or revoke, found ${verb ?? 'nothing'}`]);
    }
  },
};

function settingsOf({ config, data }: Values, terminal: Terminal): Settings {
  const words = [
    ...(config === undefined ? [] : ['--config', config]),
    ...(data === undefined ? [] : ['--data', data]),
  ];
  return loadSettings(parseCommandLine(words), terminal.environment);
}

async function create(
  [name, ...more]: readonly string[],
  values: Values,
  settings: Settings,
  store: FileTokenStore,
  terminal: Terminal,
): Promise<number> {
  if (name === undefined || more.length > 0) throw new SettingsError(['command line: expected one name for the token']);
  const now = Date.now();
  const { text, token: made } = makeToken({
    name,
    ...permissionsOf(values, settings),
    sources: values.source ?? null,
    queues: values.queue ?? null,
    createdAt: now,
    createdBy: 'command line',
    expiresAt: now + daysOf(values.days) * DAY_MS,
  });
  await store.add(made);
  await audited(settings, terminal, { action: 'createToken', id: made.id, name });
  await warnOfOwner(settings.data, terminal);
  if (values.json === true) {
    terminal.print(JSON.stringify({ ...tokenAnswer(made, now), token: text }));
    return EXIT.done;
  }
  terminal.complain(`token ${made.id}, good until ${new Date(made.expiresAt).toISOString()}; it is shown this once:`);
  terminal.print(text);
  return EXIT.done;
}

async function audited(
  settings: Settings,
  terminal: Terminal,
  { action, id, name }: { readonly action: string; readonly id: string; readonly name: string },
): Promise<void> {
  const audit = new FileAuditLog(settings.data, terminal.complain);
  const user = userInfo().username;
  audit.write({
    at: Date.now(),
    kind: 'local',
    who: user,
    from: 'command line',
    action,
    path: `tokens/${id}`,
    asked: { name },
    outcome: 'allowed',
    status: 0,
    message: null,
    workers: [],
  });
  await audit.close();
}

/** Made by root, the file could not be read by the user who runs the service. */
async function warnOfOwner(folder: string, terminal: Terminal): Promise<void> {
  const { uid } = await stat(folder);
  if (process.getuid !== undefined && process.getuid() !== uid) {
    const file = join(folder, 'tokens.json');
    terminal.complain(`the folder ${folder} belongs to another user: hand ${file} over, or the service cannot read it`);
  }
}

function permissionsOf(values: Values, settings: Settings) {
  const { role, permission, action } = values;
  if ((role === undefined) === (permission === undefined)) {
    throw new SettingsError(['command line: expected either --role or --permission, found both or neither']);
  }
  if (role === undefined) {
    const permissions = (permission ?? []).map((wanted) => {
      const known = PERMISSIONS.find((one) => one === wanted);
      if (known !== undefined) return known;
      throw new SettingsError([`--permission: expected one of ${PERMISSIONS.join(', ')}, found "${wanted}"`]);
    });
    return { role: null, permissions, actions: action ?? null };
  }
  const roles = new Roles(settings.auth.roles);
  const found = roles.named(role);
  if (found === null) throw new SettingsError([`--role: expected one of ${roles.names.join(', ')}, found "${role}"`]);
  const own = found.actions === null ? null : [...found.actions];
  return { role, permissions: [...found.permissions], actions: action ?? own };
}

function daysOf(text = DEFAULT_DAYS): number {
  const days = Number(text);
  if (/^\d{1,3}$/.test(text) && days >= 1 && days <= MAX_DAYS) return days;
  throw new SettingsError([`--days: expected a whole number from 1 to ${MAX_DAYS}, found "${text}"`]);
}

function list(store: FileTokenStore, json: boolean, terminal: Terminal): number {
  if (json) {
    for (const one of store.list()) terminal.print(JSON.stringify(tokenAnswer(one, Date.now())));
    return EXIT.done;
  }
  const rows = store.list().map(({ id, name, role, permissions, expiresAt }) => {
    const until = new Date(expiresAt).toISOString();
    const end = expiresAt <= Date.now() ? `expired ${until}` : until;
    return [id, end, role ?? permissions.join(','), oneLine(name)];
  });
  for (const line of aligned([['ID', 'GOOD UNTIL', 'MAY', 'NAME'], ...rows])) terminal.print(line);
  return EXIT.done;
}

async function revoke(
  ids: readonly string[],
  json: boolean,
  settings: Settings,
  store: FileTokenStore,
  terminal: Terminal,
): Promise<number> {
  if (ids.length === 0) throw new SettingsError(['command line: expected the id of a token, found none']);
  let code: number = EXIT.done;
  for (const id of ids) {
    const removed = await store.remove(id);
    if (json) terminal.print(JSON.stringify({ id, revoked: removed !== null, name: removed?.name ?? null }));
    else terminal.complain(removed === null ? `no token ${oneLine(id)}` : `revoked ${id} (${oneLine(removed.name)})`);
    if (removed === null) code = EXIT.failed;
    else await audited(settings, terminal, { action: 'revokeToken', id, name: removed.name });
  }
  return code;
}
