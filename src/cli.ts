#!/usr/bin/env node
import { EXIT, type Terminal } from './commands/command.js';
import { chooseCommand, commandList, DEFAULT_COMMAND } from './commands/commands.js';
import { SettingsError } from './config/settings-error.js';
import { messageOf } from './core/errors.js';

const terminal: Terminal = {
  environment: process.env,
  interactive: process.stdout.isTTY === true,
  print: (line) => console.log(line),
  complain: (line) => console.error(line),
};

async function run(words: readonly string[]): Promise<number> {
  const { entry, rest } = chooseCommand(words);
  const command = await entry.load();
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.print(command.help());
    if (entry.name === DEFAULT_COMMAND) terminal.print(`\n${commandList()}`);
    return EXIT.done;
  }
  return command.run(rest, terminal);
}

// A reader such as `head` that has seen enough is no failure.
process.stdout.on('error', () => process.exit(EXIT.done));

try {
  process.exit(await run(process.argv.slice(2)));
} catch (error) {
  if (error instanceof SettingsError) {
    for (const line of error.lines) terminal.complain(`taskscope: ${line}`);
    process.exit(EXIT.usage);
  }
  terminal.complain(`taskscope: ${messageOf(error)}`);
  process.exit(EXIT.failed);
}
