import { helpText, parseCommandLine } from '../config/flags.js';
import { loadSettings } from '../config/load-settings.js';
import { messageOf } from '../core/errors.js';
import { boundHeapGrowth } from '../heap-growth.js';
import { type RunningService, startTaskscope } from '../main.js';
import { packageVersion } from '../metrics/package-version.js';
import { type Command, EXIT, type Terminal } from './command.js';

/** Longer than every orderly end takes: an end that hangs must not keep the container. */
const STOP_WITHIN_MS = 15_000;

export const serve: Command = {
  help: helpText,
  run: async (words, terminal) => {
    const commandLine = parseCommandLine(words);
    if (commandLine.version) {
      terminal.print(packageVersion());
      return EXIT.done;
    }
    boundHeapGrowth();
    const settings = loadSettings(commandLine, terminal.environment);
    // Tasks and who did what: nothing of it is for others of this machine to read, whoever made the data folder.
    process.umask(0o077);
    const starting = startTaskscope(settings, {
      terminal: terminal.interactive,
      environment: terminal.environment,
      // The orderly end; whoever keeps it running starts it again.
      superseded: () => process.kill(process.pid, 'SIGTERM'),
    });
    const ended = endOnSignals(starting, terminal);
    const { greeting } = await starting;
    if (greeting !== null) terminal.print(greeting);
    return ended;
  },
};

/** From the first moment on: what has been started by then is stopped in order, also when the start is not over yet. */
function endOnSignals(starting: Promise<RunningService>, terminal: Terminal): Promise<number> {
  return new Promise((resolve) => {
    let stopping = false;
    const stop = (): void => {
      // Ctrl-C twice means now.
      if (stopping) process.exit(EXIT.failed);
      stopping = true;
      setTimeout(() => process.exit(EXIT.failed), STOP_WITHIN_MS).unref();
      starting
        .then((service) => service.stop())
        .then(
          () => resolve(EXIT.done),
          (error: unknown) => {
            terminal.complain(`taskscope: ${messageOf(error)}`);
            resolve(EXIT.failed);
          },
        );
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}
