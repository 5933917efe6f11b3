import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { FlowJob } from 'bullmq6';
import { Redis } from 'ioredis';
import { SystemClock } from '../../../src/core/clock.js';
import type { QueueEngine } from '../../../src/core/queue-engine.js';
import { redactor } from '../../../src/core/redaction.js';
import { BullEngine } from '../../../src/engines/bull/bull-engine.js';
import { parseRedisUrl } from '../../../src/engines/redis/redis-url.js';
import { FamilyArchive } from '../../../src/history/family-archive.js';
import { KyselyHistoryStore } from '../../../src/history/kysely-history-store.js';
import { SqliteDatabase } from '../../../src/history/sqlite/sqlite-database.js';
import { TaskArchive } from '../../../src/history/task-archive.js';
import { BullmqApp } from '../../support/bullmq-app.js';
import { bullmqEngine } from '../../support/bullmq-watched.js';
import { eventually } from '../../support/eventually.js';
import { SQLITE_THREAD_SOURCE } from '../../support/history.js';
import { startHistoryService } from '../../support/history-service.js';
import { startRedisServer } from '../../support/redis-server.js';
import { BullApp } from '../bull-app.js';

type Child = NonNullable<FlowJob['children']>[number];

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

interface Run {
  readonly archive: TaskArchive;
  readonly families: FamilyArchive;
  readonly engine: QueueEngine;
  stop(): Promise<void>;
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'taskscope-payloads-'));
  endings.push(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** One life of the service over the history in a folder. */
async function run(data: string, engine: QueueEngine): Promise<Run> {
  const clock = new SystemClock();
  const warn = (): void => undefined;
  const file = join(data, 'history.sqlite');
  const store = new KyselyHistoryStore(new SqliteDatabase({ file, thread: SQLITE_THREAD_SOURCE, warn }), clock);
  const service = await startHistoryService(store, [engine]);
  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopped ??= service.stop();
    return stopped;
  };
  endings.push(stop);
  const archive = new TaskArchive({ inspector: service.inspector, store, settled: () => false, warn });
  await eventually(() => expect(engine.status().connection).toBe('connected'), { within: 10_000 });
  return { archive, families: new FamilyArchive(service.inspector, archive, () => clock.monotonic()), engine, stop };
}

function bullEngine(url: string): BullEngine {
  return new BullEngine({
    source: { name: 'test', engine: 'bull', location: 'redis' },
    redis: parseRedisUrl(url),
    clock: new SystemClock(),
    redact: redactor(),
    log: () => undefined,
  });
}

async function knows(engine: QueueEngine, queue: string): Promise<void> {
  await eventually(
    async () => {
      const { queues } = await engine.inspect({ listLimit: 1, signal: AbortSignal.timeout(5_000) });
      expect(queues.map(({ name }) => name)).toContain(queue);
    },
    { within: 10_000 },
  );
}

const PAYLOAD = {
  to: 'ann',
  nested: { list: [1, 2, 3] },
  password: 'hunter2',
  fail: 'the card token=hunter2 is declined',
};
const REDACTED = { to: 'ann', nested: { list: [1, 2, 3] }, password: '[redacted]' };

describe.each(['bull', 'bullmq'] as const)('What a task of %s was given', (kind) => {
  test('and its stack trace are read from the history after it was removed, and after a restart, without secrets', async () => {
    const redis = await startRedisServer({ args: ['--appendonly', 'no'] });
    const raw = new Redis(redis.url);
    endings.push(
      () => redis.stop(),
      () => raw.disconnect(),
    );
    const app = kind === 'bull' ? new BullApp(redis.url) : new BullmqApp(redis.port);
    endings.push(() => app.close());
    const engineOf = (): QueueEngine =>
      kind === 'bull' ? bullEngine(redis.url) : bullmqEngine(redis.url, { redact: redactor() });
    const queue = app.queue('mail');
    const data = folder();
    const first = await run(data, engineOf());
    await app.add('mail', {});
    await knows(first.engine, 'mail');

    const failing = `mail:${await app.add('mail', { ...PAYLOAD }, { attempts: 1 })}`;
    const large = `mail:${await app.add('mail', { text: 'x'.repeat(100_000) })}`;
    await app.work('mail');
    const failed = { state: 'FAILURE', args: REDACTED, error: { type: 'TypeError' } };
    await eventually(
      async () => {
        expect(await first.archive.task(failing)).toMatchObject(failed);
        expect(await first.archive.task(large)).toMatchObject({ state: 'SUCCESS' });
      },
      { within: 10_000 },
    );
    await queue.obliterate({ force: true });
    expect(await raw.exists(`bull:${failing}`)).toBe(0);
    const gone = { ...failed, traceback: expect.stringMatching(/^TypeError: the card .*\n +at /) };
    await eventually(async () => expect(await first.archive.task(failing)).toMatchObject(gone), { within: 10_000 });
    await first.stop();

    const second = await run(data, engineOf());

    const told = await second.archive.task(failing);
    expect(told).toMatchObject(gone);
    expect(JSON.stringify(told)).not.toContain('hunter2');
    expect(await second.archive.task(large)).toMatchObject({ args: { tooLarge: true, bytes: 100_011 } });
  });
});

test('A flow of BullMQ is a family at the broker, and from the history after its jobs are gone', async () => {
  const redis = await startRedisServer({ args: ['--appendonly', 'no'] });
  const raw = new Redis(redis.url);
  endings.push(
    () => redis.stop(),
    () => raw.disconnect(),
  );
  const app = new BullmqApp(redis.port);
  endings.push(() => app.close());
  const data = folder();
  const first = await run(data, bullmqEngine(redis.url));
  for (const queue of ['film', 'cut', 'scan']) {
    await app.work(queue);
    await app.add(queue, {});
  }
  for (const queue of ['film', 'cut', 'scan']) await knows(first.engine, queue);
  const child = (queueName: string, jobId: string, children: Child[] = []): Child => ({
    name: 'part',
    queueName,
    data: { part: jobId },
    opts: { jobId },
    children,
  });

  await app.flow({
    name: 'whole',
    queueName: 'film',
    data: { whole: true },
    opts: { jobId: 'whole' },
    children: [child('cut', 'left', [child('scan', 'a'), child('scan', 'b')]), child('cut', 'right')],
  });
  const tree = [
    { id: 'film:whole', parentId: null, depth: 0 },
    { id: 'cut:left', parentId: 'film:whole', depth: 1 },
    { id: 'scan:a', parentId: 'cut:left', depth: 2 },
    { id: 'scan:b', parentId: 'cut:left', depth: 2 },
    { id: 'cut:right', parentId: 'film:whole', depth: 1 },
  ].map((member) => ({ ...member, task: { state: 'SUCCESS' } }));
  const byId = (found: Awaited<ReturnType<FamilyArchive['family']>>): typeof found => ({
    ...found,
    members: [...found.members].sort((a, b) => (a.id < b.id ? -1 : 1)),
  });
  const family = { rootId: 'film:whole', complete: true, members: tree.sort((a, b) => (a.id < b.id ? -1 : 1)) };
  await eventually(
    async () => {
      for (const { id } of tree) expect(byId(await first.families.family(id))).toMatchObject(family);
    },
    { within: 20_000 },
  );
  await raw.flushall();
  await first.stop();
  const second = await run(data, bullmqEngine(redis.url));

  for (const { id } of tree) expect(byId(await second.families.family(id))).toMatchObject(family);
  expect(await second.archive.task('cut:left')).toMatchObject({
    args: { part: 'left' },
    parentId: 'film:whole',
    rootId: 'film:whole',
  });
  expect([...(await second.archive.task('cut:left')).childIds].sort()).toEqual(['scan:a', 'scan:b']);
});
