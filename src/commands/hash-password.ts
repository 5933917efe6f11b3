import { createInterface } from 'node:readline/promises';
import { hashPassword } from '../auth/password.js';
import { SettingsError } from '../config/settings-error.js';
import { type Command, EXIT } from './command.js';
import { flagTable, parseOptions } from './options.js';

const MIN_LENGTH = 8;

export const hashPasswordCommand: Command = {
  help: () =>
    [
      'Usage: taskscope hash-password [--json]',
      '',
      'Reads a password, one line from standard input, and prints its hash for auth.users.passwordHash in the settings.',
      '',
      flagTable([['--json', 'one JSON object with the field passwordHash']]),
    ].join('\n'),
  run: async (words, terminal) => {
    const { positionals, values } = parseOptions(words, { json: { type: 'boolean' } });
    // On the command line other users of the machine, and the shell's history, could read it.
    if (positionals.length > 0) {
      throw new SettingsError(['command line: expected the password on standard input, found a word']);
    }
    if (process.stdin.isTTY) terminal.complain('Password (it will be seen as you type):');
    const password = await firstLine();
    if (password.length < MIN_LENGTH) {
      throw new SettingsError([`password: expected at least ${MIN_LENGTH} characters, found ${password.length}`]);
    }
    const passwordHash = await hashPassword(password);
    terminal.print(values.json === true ? JSON.stringify({ passwordHash }) : passwordHash);
    return EXIT.done;
  },
};

async function firstLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  try {
    for await (const line of lines) return line;
    return '';
  } finally {
    lines.close();
  }
}
