/** What every command of `taskscope` ends with. */
export const EXIT = {
  /** Done as asked. */
  done: 0,
  /** It could not be done: nobody answers, no such task, not allowed. */
  failed: 1,
  /** Wrong use, or settings that cannot be used. */
  usage: 2,
  /** Done, and the answer is no: something will not work, or the task was not stopped. */
  negative: 3,
} as const;

/** Where a command writes, and who reads it. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** True where a person reads what is printed: colours and aligned columns, else plain text. */
  readonly interactive: boolean;
  /** One line to standard output. */
  readonly print: (line: string) => void;
  /** One line to standard error, for what is not the answer. */
  readonly complain: (line: string) => void;
}

export interface Command {
  /** Shown by --help, without the line `Usage:` before it. */
  readonly help: () => string;
  /** Resolves with the exit code. Throws SettingsError for wrong use. */
  readonly run: (words: readonly string[], terminal: Terminal) => Promise<number>;
}

/** One line of the table of commands. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** A command is read only when it is asked for: `taskscope tasks` need not wait for the web framework. */
  readonly load: () => Promise<Command>;
}
