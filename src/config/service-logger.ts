import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import type { Settings } from './settings-schema.js';

const LEVELS: Readonly<Record<Settings['log']['level'], LogLevel[]>> = {
  error: ['error', 'fatal'],
  warn: ['error', 'fatal', 'warn'],
  info: ['error', 'fatal', 'warn', 'log'],
  debug: ['error', 'fatal', 'warn', 'log', 'debug', 'verbose'],
};

/** One JSON object a line, or coloured text for a person at a terminal. */
export function serviceLogger(settings: Settings['log'], terminal: boolean): ConsoleLogger {
  const json = logsJson(settings, terminal);
  return new ServiceLogger({ json, colors: !json && terminal, logLevels: LEVELS[settings.level], prefix: 'taskscope' });
}

/** What Nest says about putting itself together: of use to whoever works on the service, and noise to whoever runs it. */
const FRAMEWORK = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication']);

/** Names from a broker may hold line breaks and terminal codes: one message is one line, and steers no terminal. */
class ServiceLogger extends ConsoleLogger {
  override log(message: unknown, ...rest: unknown[]): void {
    const context = rest[rest.length - 1];
    if (typeof context === 'string' && FRAMEWORK.has(context)) this.debug(message, context);
    else super.log(message, ...rest);
  }

  protected override formatMessage(...parts: Parameters<ConsoleLogger['formatMessage']>): string {
    const [logLevel, message, ...rest] = parts;
    return super.formatMessage(logLevel, typeof message === 'string' ? oneLine(message) : message, ...rest);
  }
}

function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) => JSON.stringify(character).slice(1, -1));
}

export function logsJson(settings: Settings['log'], terminal: boolean): boolean {
  return settings.format === 'json' || (settings.format === 'auto' && !terminal);
}
