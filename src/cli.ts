#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { helpText, parseCommandLine } from './config/flags.js';
import { loadSettings } from './config/load-settings.js';
import { SettingsError } from './config/settings-error.js';
import { messageOf } from './core/errors.js';
import { type RunningService, startTaskscope } from './main.js';

/** Wrong use, as the shell's own commands tell it. */
const EXIT_USAGE = 2;
/** Longer than every orderly end takes: an end that hangs must not keep the container. */
const STOP_WITHIN_MS = 15_000;

async function run(): Promise<void> {
  const commandLine = parseCommandLine(process.argv.slice(2));
  if (commandLine.help) {
    console.log(helpText());
    return;
  }
  if (commandLine.version) {
    console.log(version());
    return;
  }
  const settings = loadSettings(commandLine, process.env);
  const starting = startTaskscope(settings, { terminal: process.stdout.isTTY === true, environment: process.env });
  stopOnSignals(starting);
  const { greeting } = await starting;
  if (greeting !== null) console.log(greeting);
}

/** From the first moment on: what has been started by then is stopped in order, also when the start is not over yet. */
function stopOnSignals(starting: Promise<RunningService>): void {
  let stopping = false;
  const stop = (): void => {
    // Ctrl-C twice means now.
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    starting
      .then((service) => service.stop())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(`taskscope: ${messageOf(error)}`);
          process.exit(1);
        },
      );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function version(): string {
  const found: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof found === 'object' && found !== null && 'version' in found ? String(found.version) : 'unknown';
}

try {
  await run();
} catch (error) {
  if (error instanceof SettingsError) {
    for (const line of error.lines) console.error(`taskscope: ${line}`);
    process.exit(EXIT_USAGE);
  }
  console.error(`taskscope: ${messageOf(error)}`);
  process.exit(1);
}
