import type { CommandEntry } from './command.js';

/** The command that is meant where none is named. */
export const DEFAULT_COMMAND = 'serve';

/** Every command there is. A new one is a file beside this one and a line here. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: 'serve', summary: 'run the service', load: async () => (await import('./serve.js')).serve },
  {
    name: 'check',
    summary: 'say what will work and what will not, and start nothing',
    load: async () => (await import('./check.js')).check,
  },
  {
    name: 'tail',
    summary: 'print what happens to tasks while it happens',
    load: async () => (await import('./tail.js')).tail,
  },
  {
    name: 'tasks',
    summary: 'search the tasks of a running service',
    load: async () => (await import('./tasks.js')).tasks,
  },
  { name: 'token', summary: 'make, list and revoke API tokens', load: async () => (await import('./token.js')).token },
  {
    name: 'audit',
    summary: 'check the audit for changes',
    load: async () => (await import('./audit.js')).audit,
  },
  {
    name: 'hash-password',
    summary: 'turn a password into what the settings take',
    load: async () => (await import('./hash-password.js')).hashPasswordCommand,
  },
  { name: 'revoke', summary: 'stop a task', load: async () => (await import('./revoke.js')).revoke },
];

/** The command that the words of a command line name, and the words left for it. */
export function chooseCommand(words: readonly string[]): {
  readonly entry: CommandEntry;
  readonly rest: readonly string[];
} {
  const named = COMMANDS.find((command) => command.name === words[0]);
  if (named !== undefined) return { entry: named, rest: words.slice(1) };
  const entry = COMMANDS.find((command) => command.name === DEFAULT_COMMAND);
  if (entry === undefined) throw new Error(`expected a command named ${DEFAULT_COMMAND}`);
  return { entry, rest: words };
}

/** The commands as --help lists them. */
export function commandList(): string {
  const rows = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`);
  return ['Commands (taskscope COMMAND --help tells more):', '', ...rows].join('\n');
}
