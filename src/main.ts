import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { Logger } from '@nestjs/common';
import { accessRulesOf, httpRulesOf } from './access-of-settings.js';
import { AppModule } from './app.module.js';
import { AccessGates } from './auth/access-gates.js';
import { FileAuditLog } from './auth/file-audit-log.js';
import { FileTokenStore } from './auth/file-token-store.js';
import type { BrokerSetting } from './config/broker-setting.js';
import { logsJson, serviceLogger } from './config/service-logger.js';
import { SettingsError } from './config/settings-error.js';
import type { Settings } from './config/settings-schema.js';
import { SystemClock } from './core/clock.js';
import { messageOf } from './core/errors.js';
import { serveDashboard } from './dashboard/serve-dashboard.js';
import { SupervisedChild } from './embedded/child-process.js';
import { EmbeddedRedis } from './embedded/embedded-redis.js';
import { Drain } from './health/drain.js';
import { API_PREFIX } from './http/configure-http.js';
import { createHttpApp } from './http/create-http-app.js';
import type { FurtherPort } from './http/further-port.js';
import { TlsFiles } from './http/tls-files.js';
import { listen, listenProblems, openFurtherPorts, readTls } from './listening.js';
import { TaskRecorder } from './metrics/task-recorder.js';
import type { BrokerWatch } from './queue-inspector/broker-watch.js';
import { QueueInspector } from './queue-inspector/queue-inspector.js';
import { payloadRedactionOf, redactorOf } from './redaction-of-settings.js';
import { historyOf } from './start-history.js';
import { statusLog } from './status-log.js';
import { ToldAuditLog } from './told-audit-log.js';
import { watchBrokers } from './watch-brokers.js';

export interface RunContext {
  /** Whether a person reads what we print. */
  readonly terminal: boolean;
  /** Handed to the sample workload, which is a process of its own. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Another instance counts on from what this one has stored: it must end, and may start again. */
  readonly superseded: () => void;
}

export interface RunningService {
  readonly url: string;
  /** What a person needs to know first; null where a machine reads the output, which is then nothing but log lines. */
  readonly greeting: string | null;
  /** Ends everything that was started, the latest first. Idempotent. */
  stop(): Promise<void>;
}

const COMMAND_DEADLINE_MS = 5_000;
/** Whatever a broker tells twice, it tells within this time; and lists of the latest need no history. */
const SETTLED = { tasks: 20_000, afterMs: 30_000 };
const MEBIBYTE = 1024 * 1024;

/** Builds the service from its settings and starts it. Throws SettingsError where the settings forbid it; nothing is left running then. */
export async function startTaskscope(settings: Settings, context: RunContext): Promise<RunningService> {
  const rules = accessRulesOf(settings);
  const refusals = listenProblems(settings, rules.required);
  if (refusals.length > 0) throw new SettingsError(refusals);

  const logger = serviceLogger(settings.log, context.terminal);
  Logger.overrideLogger(logger);
  const log = new Logger('Taskscope');
  if (rules.insecure && !rules.required)
    log.warn('anybody who reaches this address may do everything: --insecure was given');
  const clock = new SystemClock();
  const ending = new Ending();

  try {
    const embedded = settings.brokers.length === 0 ? await startEmbedded(settings, context, log, ending) : null;
    const inspector = new QueueInspector(clock, {
      inspection: settings.inspection,
      live: {
        maxTasks: settings.maxTasks,
        maxBytes: settings.maxTaskMegabytes * MEBIBYTE,
        ...(settings.history.enabled && { settled: { ...SETTLED, monotonic: () => clock.monotonic() } }),
      },
      workerGraceMs: settings.workers.graceSeconds * 1000,
      commandDeadlineMs: COMMAND_DEADLINE_MS,
      statusChanged: statusLog(log),
      redaction: payloadRedactionOf(settings.redact),
    });
    const history = await historyOf(settings, inspector, clock, log, () => {
      log.error('history: another instance has taken over, and counts on from what was stored; this one ends');
      context.superseded();
    });
    ending.add(() => history.close());

    // Everything that counts is in place before the first event can arrive.
    const files = new FileAuditLog(settings.data, (message) => log.error(message));
    const audit = new ToldAuditLog(files, (action) => history.acted(action));
    ending.add(() => audit.close());
    const tokens = new FileTokenStore(settings.data);
    const tlsFiles = settings.tls === null ? null : new TlsFiles(settings.tls);
    const tls = tlsFiles === null ? null : readTls(tlsFiles);
    const app = await createHttpApp(
      AppModule.with({ settings, inspector, clock, history: history.parts, tokens, audit }),
      {
        ...(tls === null ? {} : { httpsOptions: tls }),
        http: { rules: httpRulesOf(settings), gates: (made) => made.get(AccessGates, { strict: false }) },
        logger,
        forceCloseConnections: true,
      },
    );
    ending.add(() => app.close());
    const ports: FurtherPort[] = [];
    // With the first one: until the draining is over, who balances the load still sends requests.
    ending.add(() => Promise.all(ports.map((port) => port.close())));
    ending.add(() => history.end());
    // Before the counters end: what is told until then is counted and stored.
    ending.add(() => inspector.stop());
    ending.add(() => app.get(Drain).begin());
    const { dashboard } = settings;
    if (dashboard.enabled) app.use(serveDashboard({ prefix: dashboard.prefix, apiPath: API_PREFIX }));
    await app.init();
    if (history.standsBy) {
      inspector.watchOnly();
      history.standBy(app);
    } else await history.begin(app);

    const brokers = embedded === null ? settings.brokers : [embedded];
    const recorder = app.get(TaskRecorder, { strict: false });
    const watch = (): readonly BrokerWatch[] =>
      watchBrokers(brokers, settings.inspection, {
        inspector,
        clock,
        redact: redactorOf(settings.redact),
        resultLatency: (source, operation, ms) => recorder.backendAnswered(source, operation, ms),
        log,
      });
    let watches = watch();
    const unwatch = (): Promise<unknown> => Promise.all(watches.map((each) => each.stop()));
    ending.add(unwatch);
    if (history.standsBy) {
      const takingOver = history.turn().then(async () => {
        await unwatch();
        await inspector.takeOver();
        await history.begin(app);
        watches = watch();
        log.log('history: the other instance has gone; this one writes now');
      });
      takingOver.catch((error: unknown) => {
        log.error(`history: expected to take over, found: ${messageOf(error)}`);
        context.superseded();
      });
    }
    await listen(app, settings);
    await openFurtherPorts(app, settings, tls, ports);
    const servers = [app.getHttpServer(), ...ports.map(({ server }) => server)];
    const unfollow = tlsFiles?.follow(servers, (message, problem) => (problem ? log.warn(message) : log.log(message)));
    ending.add(async () => unfollow?.());

    const looks = setInterval(() => void inspector.look(), settings.inspection.intervalMs);
    ending.add(async () => clearInterval(looks));

    const url = (await app.getUrl()).replace('[::1]', 'localhost');
    log.log(`listening on ${url}`);
    for (const { what, url: further } of ports) log.log(`${what} also on ${further}`);
    if (embedded !== null)
      log.log(`embedded Redis at ${embedded.url}${settings.sample.enabled ? ', with the sample workload' : ''}`);
    return {
      url,
      greeting: logsJson(settings.log, context.terminal) ? null : greeting(url, embedded?.url ?? null, settings),
      stop: () => ending.end(),
    };
  } catch (error) {
    await ending.end();
    throw error;
  }
}

/** A Redis of our own and, unless it is left out, the sample workload on it. */
async function startEmbedded(
  settings: Settings,
  context: RunContext,
  log: Logger,
  ending: Ending,
): Promise<BrokerSetting> {
  const redis = await EmbeddedRedis.start(settings.data, log);
  ending.add(() => redis.stop());
  if (settings.sample.enabled) {
    const sample = new SupervisedChild(
      {
        name: 'sample workload',
        command: process.execPath,
        args: [fileURLToPath(new URL('../sample/main.js', import.meta.url))],
        env: { ...context.environment, SAMPLE_REDIS_URL: redis.url, SAMPLE_RATE: String(settings.sample.rate) },
      },
      log,
    );
    sample.start();
    ending.add(() => sample.stop());
  }
  return { url: redis.url, name: 'embedded' };
}

function greeting(url: string, embedded: string | null, settings: Settings): string {
  const lines = [
    '',
    `  Taskscope   ${url}`,
    ...(settings.dashboard.enabled ? [`  dashboard   ${url}${settings.dashboard.prefix}`] : []),
    `  API docs    ${url}/docs`,
    `  metrics     ${url}/metrics`,
    `  try         curl ${url}/api/v1/celery/tasks/status`,
  ];
  if (embedded !== null) {
    lines.push(`  Redis       ${embedded}   point a Bull application at it and it appears`);
    if (settings.sample.enabled) lines.push('              with a sample workload; --no-sample leaves it out');
  }
  if (settings.insecure) lines.push('', '  Anybody who reaches this address may use it: --insecure was given.');
  return [...lines, ''].join('\n');
}

/** What has to be ended, in the opposite order of its start. */
class Ending {
  readonly #steps: (() => Promise<unknown>)[] = [];

  add(step: () => Promise<unknown>): void {
    this.#steps.push(step);
  }

  async end(): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) await step();
  }
}
