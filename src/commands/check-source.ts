import type { BrokerSetting } from '../config/broker-setting.js';
import { SystemClock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { EngineSnapshot, QueueEngine } from '../core/queue-engine.js';
import { redactor } from '../core/redaction.js';
import type { EngineKind } from '../core/source.js';
import { parseCeleryUrl } from '../engines/celery/celery-url.js';
import { createEngine } from '../engines/create-engine.js';
import { accessOf, type SourceAccess } from '../engines/engine-access.js';
import { EngineDetector } from '../engines/engine-detector.js';
import { engineOfUrl } from '../engines/engine-of-url.js';
import { deniedCommands } from '../engines/redis/access-probe.js';
import { type AccessNeed, aclRules } from '../engines/redis/redis-access.js';
import { RedisLink } from '../engines/redis/redis-link.js';
import { RedisMeter } from '../engines/redis/redis-meter.js';
import { parseRedisUrl, redactUrl } from '../engines/redis/redis-url.js';

/** How it stands with one engine at one broker. */
export interface SourceReport {
  readonly location: string;
  /** null where nothing that an engine leaves behind was found. */
  readonly engine: EngineKind | null;
  readonly connected: boolean;
  /** Why it is not connected, or what is odd; null where there is nothing to say. */
  readonly problem: string | null;
  readonly queues: number | null;
  readonly workers: number | null;
  readonly works: readonly string[];
  /** Each with the commands, where Redis denies some. */
  readonly fails: readonly { readonly feature: string; readonly denied: readonly string[] }[];
  /** The least that has to be granted: a line each to watch and to operate. */
  readonly grants: { readonly watch: string; readonly operate: string } | null;
}

const clock = new SystemClock();
const USER = 'taskscope';
const DISCOVERY_MS = 1_000;

/** Looks at one configured broker for real: connects, asks, tries what the access rules allow. Ends within twice the deadline. */
export async function checkBroker(
  setting: BrokerSetting,
  options: { readonly deadlineMs: number; readonly level: AccessNeed['level'] },
): Promise<readonly SourceReport[]> {
  const { deadlineMs, level } = options;
  const location = redactUrl(setting.url);
  try {
    const engine = setting.engine ?? engineOfUrl(setting.url);
    const engines = engine === null ? await detect(setting.url, deadlineMs) : [engine];
    if (engines.length === 0) {
      const problem = 'connected, and nothing that Celery, Bull or BullMQ leave behind is there yet';
      return [{ ...nothing(location, null, problem), connected: true }];
    }
    const accesses = engines.map((kind) => accessFor(setting, kind));
    // One user connects for all engines that live at a broker.
    const grants = grantsOf(accesses);
    return await Promise.all(
      engines.map(async (kind, at) => ({
        ...(await checkSource(setting, kind, needsOf(accesses[at], level), deadlineMs)),
        grants,
      })),
    );
  } catch (error) {
    return [nothing(location, setting.engine ?? null, messageOf(error))];
  }
}

async function detect(url: string, deadlineMs: number): Promise<readonly EngineKind[]> {
  return within(deadlineMs, (signal) => new EngineDetector(url, clock).detect(signal));
}

function accessFor(setting: BrokerSetting, engine: EngineKind): SourceAccess {
  return accessOf({
    engine,
    url: setting.url,
    prefixes: setting.prefixes ?? [],
    names: setting.celery?.names ?? {},
    control: setting.celery?.control ?? true,
  });
}

function needsOf(access: SourceAccess | undefined, level: AccessNeed['level']): readonly AccessNeed[] {
  if (access?.broker !== 'redis') return [];
  return access.needs.filter((need) => need.level === 'watch' || level === 'operate');
}

async function checkSource(
  setting: BrokerSetting,
  engine: EngineKind,
  needs: readonly AccessNeed[],
  deadlineMs: number,
): Promise<SourceReport> {
  const location = redactUrl(setting.url);
  const source = { name: location, engine, location };
  const watched = createEngine({
    source,
    url: setting.url,
    clock,
    redact: redactor([]),
    prefixes: setting.prefixes ?? [],
    celery: setting.celery ?? {},
    log: () => undefined,
  });
  try {
    const problem = await connected(watched, deadlineMs);
    if (problem !== null) return nothing(location, engine, problem);
    const look = await firstLook(watched, deadlineMs).catch(messageOf);
    const denied =
      needs.length === 0 ? new Map<AccessNeed, readonly string[]>() : await probe(setting.url, needs, deadlineMs);
    const told = (watched.status().denied ?? []).map((feature) => ({ feature, denied: [] }));
    return {
      location,
      engine,
      connected: true,
      problem: typeof look === 'string' ? look : null,
      queues: typeof look === 'string' ? null : look.queues.length,
      workers: typeof look === 'string' ? null : look.workers.length,
      works: needs.filter((need) => !denied.has(need)).map(({ feature }) => feature),
      fails: [...[...denied].map(([{ feature }, commands]) => ({ feature, denied: commands })), ...told],
      grants: null,
    };
  } finally {
    await watched.stop();
  }
}

/** Queues are found in the background: one that shows none is asked again a moment later. */
async function firstLook(engine: QueueEngine, deadlineMs: number): Promise<EngineSnapshot> {
  const look = (): Promise<EngineSnapshot> => within(deadlineMs, (signal) => engine.inspect({ listLimit: 1, signal }));
  const first = await look();
  if (first.queues.length > 0) return first;
  await new Promise((resolve) => setTimeout(resolve, DISCOVERY_MS));
  return look();
}

/** null once it is connected; else why it is not, when the time is over. */
function connected(engine: QueueEngine, deadlineMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(engine.status().problem ?? 'no answer in time'), deadlineMs);
    const look = (): void => {
      if (engine.status().connection !== 'connected') return;
      clearTimeout(timer);
      resolve(null);
    };
    engine.start({ events: () => undefined, status: look });
    look();
  });
}

async function probe(
  url: string,
  needs: readonly AccessNeed[],
  deadlineMs: number,
): Promise<ReadonlyMap<AccessNeed, readonly string[]>> {
  const celery = engineOfUrl(url) === 'celery' ? parseCeleryUrl(url) : null;
  const settings = celery?.kind === 'redis' ? celery.settings : parseRedisUrl(url);
  return within(
    deadlineMs,
    (signal) =>
      new Promise<ReadonlyMap<AccessNeed, readonly string[]>>((resolve, reject) => {
        const finish = async (work: Promise<ReadonlyMap<AccessNeed, readonly string[]>>): Promise<void> => {
          await work.then(resolve, reject);
          await link.close();
        };
        const link: RedisLink = new RedisLink({
          settings,
          clock,
          meter: new RedisMeter(),
          name: 'taskscope-check',
          onUp: () => void setImmediate(() => void finish(deniedCommands(link, needs, signal))),
          onDown: (problem) => void finish(Promise.reject(new Error(problem))),
        });
        link.open();
      }),
  );
}

function grantsOf(accesses: readonly SourceAccess[]): SourceReport['grants'] {
  const [rabbit] = accesses.flatMap((access) => (access.broker === 'rabbitmq' ? [access.permissions] : []));
  if (rabbit !== undefined) {
    const line = ({ configure, write, read }: (typeof rabbit)['watch']): string =>
      `rabbitmqctl set_permissions --vhost VHOST ${USER} '${configure}' '${write}' '${read}'`;
    return { watch: line(rabbit.watch), operate: line(rabbit.operate) };
  }
  const needs = accesses.flatMap((access) => (access.broker === 'redis' ? access.needs : []));
  const line = (level: AccessNeed['level']): string =>
    ['ACL SETUSER', USER, 'on', '>PASSWORD', ...aclRules(needs, level)].join(' ');
  return { watch: line('watch'), operate: line('operate') };
}

function nothing(location: string, engine: EngineKind | null, problem: string): SourceReport {
  return {
    location,
    engine,
    connected: false,
    problem,
    queues: null,
    workers: null,
    works: [],
    fails: [],
    grants: null,
  };
}

/** Own controller: see the note on AbortSignal.timeout in broker-watch.ts. */
async function within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), ms);
  try {
    return await work(deadline.signal);
  } finally {
    clearTimeout(timer);
  }
}
