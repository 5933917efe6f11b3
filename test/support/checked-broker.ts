import { isRecord } from './records.js';
import { type CommandResult, runCommand } from './run-command.js';
import { type ServiceProcess, startServiceProcess } from './service-process.js';

const CLI = 'dist/src/cli.js';

/** With every setting in the environment, so that a broker can have more than its URL. */
const environment = (broker: object): Record<string, string> => ({
  TASKSCOPE_BROKERS: JSON.stringify([broker]),
  // What does not answer is given up sooner than by default.
  TASKSCOPE_INSPECTION_DEADLINE_MS: '3000',
});

/** `taskscope check --json` of one broker, as it stands in the settings. */
export const check = (broker: object, ...flags: readonly string[]): Promise<CommandResult> =>
  runCommand(process.execPath, [CLI, 'check', '--json', ...flags], { env: environment(broker) });

export const reportsOf = ({ stdout }: CommandResult): readonly Record<string, unknown>[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
    .filter(isRecord);

/** The service on one broker, with a data folder of the test's. */
export const startOn = (broker: object, data: string, ...flags: readonly string[]): Promise<ServiceProcess> =>
  startServiceProcess(process.execPath, [CLI, '--port', '0', '--data', data, ...flags], {
    env: environment(broker),
    within: 30_000,
  });

/** Below the API's prefix; fails where the answer is no success. */
export async function ask(service: ServiceProcess, path: string, method = 'GET'): Promise<unknown> {
  const answer = await fetch(`${service.url}/api/v1/celery/${path}`, { method });
  if (!answer.ok)
    throw new Error(`expected ${method} ${path} to succeed, found ${answer.status}: ${await answer.text()}`);
  return answer.json();
}
