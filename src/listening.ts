import type { RequestListener } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { listenProblem } from './auth/listen-problem.js';
import { metricsEntry } from './auth/metrics-port.js';
import { SettingsError } from './config/settings-error.js';
import type { Settings } from './config/settings-schema.js';
import { messageOf } from './core/errors.js';
import { dashboardEntry } from './dashboard/dashboard-entry.js';
import { FurtherPort } from './http/further-port.js';
import type { TlsFiles, TlsOptions } from './http/tls-files.js';

/** Why the service must not listen where it is told to. */
export function listenProblems({ host, insecure, metrics }: Settings, authentication: boolean): readonly string[] {
  const first = listenProblem(host, { insecure, authentication });
  // Who says to whom the numbers are open has decided it for this port.
  const decided = metrics.access !== undefined || metrics.port === undefined;
  const second = decided ? null : listenProblem(metrics.host ?? host, { insecure, authentication });
  return [
    ...(first === null ? [] : [first]),
    ...(second === null || second === first ? [] : [`metrics.host: ${second}`]),
  ];
}

export function readTls(tls: TlsFiles): TlsOptions {
  try {
    return tls.read();
  } catch (error) {
    throw new SettingsError([`tls: ${messageOf(error)}`]);
  }
}

export async function listen(app: NestExpressApplication, settings: Settings): Promise<void> {
  try {
    await app.listen(settings.port, settings.host);
  } catch (error) {
    throw new SettingsError([
      `port: expected to listen on ${settings.host}:${settings.port}, found: ${messageOf(error)}`,
    ]);
  }
}

/** The ports beside the first. Each is added to `opened` at once: whoever fails at the next has to close it. */
export async function openFurtherPorts(
  app: NestExpressApplication,
  settings: Settings,
  tls: TlsOptions | null,
  opened: FurtherPort[],
): Promise<void> {
  const { dashboard, metrics, host } = settings;
  const application: RequestListener = app.getHttpAdapter().getInstance();
  const wanted = [
    {
      what: 'dashboard',
      number: dashboard.enabled ? dashboard.port : undefined,
      at: host,
      answer: dashboardEntry(application, dashboard.prefix),
    },
    { what: 'metrics', number: metrics.port, at: metrics.host ?? host, answer: metricsEntry(application) },
  ];
  for (const { what, number, at, answer } of wanted) {
    if (number === undefined) continue;
    try {
      opened.push(await FurtherPort.listen(answer, { what, port: number, host: at, tls }));
    } catch (error) {
      throw new SettingsError([`${what}.port: expected to listen on ${at}:${number}, found: ${messageOf(error)}`]);
    }
  }
}
