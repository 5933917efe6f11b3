import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SystemClock } from '../../../src/core/clock.js';
import type { HistoryBatch, HistoryStore } from '../../../src/core/history-store.js';
import { taskEvent } from '../../../src/core/task-event.js';
import { KyselyHistoryStore } from '../../../src/history/kysely-history-store.js';
import { SqliteDatabase } from '../../../src/history/sqlite/sqlite-database.js';
import { NOON } from '../../support/builders.js';
import { eventually } from '../../support/eventually.js';
import { FakeEngine } from '../../support/fake-engine.js';
import { SQLITE_THREAD_SOURCE } from '../../support/history.js';
import { type HistoryService, startHistoryService } from '../../support/history-service.js';

const SUCCESSES = 'celery_task_total{task_name="train",status="success",source="bull"}';

let folder: string;
let file: string;
const warnings: string[] = [];
const services: HistoryService[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taskscope-history-'));
  file = join(folder, 'history.sqlite');
  warnings.length = 0;
});

afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
  rmSync(folder, { recursive: true, force: true });
});

function sqlite(pragmas: readonly string[] = []): HistoryStore {
  const warn = (message: string): void => void warnings.push(message);
  const database = new SqliteDatabase({ file, thread: SQLITE_THREAD_SOURCE, warn, pragmas });
  return new KyselyHistoryStore(database, new SystemClock());
}

async function serve(store: HistoryStore, engine: FakeEngine, maxTasks?: number): Promise<HistoryService> {
  const service = await startHistoryService(store, [engine], maxTasks === undefined ? {} : { maxTasks });
  services.push(service);
  return service;
}

/** Tasks that start and succeed, with a result each. */
function run(engine: FakeEngine, from: number, count: number, result = ''): void {
  for (let at = from; at < from + count; at += 1) {
    const said = { name: 'train', queue: 'gpu', worker: 'w1', occurrence: 1, sentAt: NOON + at };
    const value = result === '' ? at : `${result}${at}`;
    engine.emit(
      taskEvent('task-started', `gpu:${at}`, NOON + at + 1, said),
      taskEvent('task-succeeded', `gpu:${at}`, NOON + at + 2, { ...said, value, valueBytes: result.length }),
    );
  }
}

const settled = (service: HistoryService, within = 20_000): Promise<void> =>
  eventually(() => expect(service.recorder.state()).toMatchObject({ pending: 0, problem: null }), { within });

describe('a file that cannot be had', () => {
  test('is one service alone that writes to it, for as long as it lives', async () => {
    const database = (): SqliteDatabase =>
      new SqliteDatabase({ file, thread: SQLITE_THREAD_SOURCE, warn: () => undefined, claimWithinMs: 100 });
    const first = database();
    const second = database();

    expect(await first.claim()).toBe(true);
    expect(await second.claim()).toBe(false);
    await first.close();
    expect(await second.claim()).toBe(true);
    await second.close();
  }, 30_000);

  test('is said in one line, and what is counted meanwhile is stored once it can be', async () => {
    mkdirSync(file);
    const engine = new FakeEngine();
    const service = await serve(sqlite(), engine);
    run(engine, 0, 10);

    expect(service.log).toEqual([
      expect.stringMatching(/^history: nothing can be stored \(.*history\.sqlite: .*\); everything else goes on$/),
    ]);
    expect(await service.metric(SUCCESSES)).toBe(10);
    rmSync(file, { recursive: true });
    await settled(service, 30_000);
    expect(service.log.at(-1)).toBe('history: storing again');
    await eventually(() => expect(service.recorder.state().stored).toBe(10), { within: 20_000 });
  }, 60_000);
});

describe('a service that starts again', () => {
  test('goes on counting, knows its tasks, and counts nothing twice that is told again', async () => {
    const first = new FakeEngine();
    const before = await serve(sqlite(), first);
    run(first, 0, 100);
    await settled(before);
    await before.stop();
    services.length = 0;

    const second = new FakeEngine();
    const after = await serve(sqlite(), second);
    run(second, 90, 20);

    expect(await after.metric(SUCCESSES)).toBe(110);
    expect(
      await after.metric('celery_task_duration_seconds_count{task_name="train",status="success",source="bull"}'),
    ).toBe(110);
    expect(after.inspector.liveTask('bull', 'gpu:5')).toMatchObject({
      state: 'SUCCESS',
      name: 'train',
      sentAt: NOON + 5,
    });
    expect(after.inspector.gaps(10)).toMatchObject([{ number: 1, source: 'bull', reason: 'down', missed: null }]);
  }, 60_000);

  test('puts a damaged file aside, says so in one line, and begins a new one', async () => {
    writeFileSync(file, 'this is no database'.repeat(1_000));

    const engine = new FakeEngine();
    const service = await serve(sqlite(), engine);
    run(engine, 0, 10);
    await settled(service);

    const aside = readdirSync(folder).filter((name) => name.includes('.damaged-'));
    expect(aside).toHaveLength(1);
    expect(readFileSync(join(folder, aside[0] ?? ''), 'utf8')).toContain('this is no database');
    expect(warnings).toEqual([
      expect.stringMatching(/^the history in .* is damaged \(.*\): it was put aside as .*\.damaged-/),
    ]);
  }, 60_000);

  test('notices damage in the middle of a file', async () => {
    const engine = new FakeEngine();
    const before = await serve(sqlite(), engine);
    run(engine, 0, 5_000, 'x'.repeat(100));
    await settled(before);
    await before.stop();
    services.length = 0;
    const bytes = readFileSync(file);
    bytes.fill(0xff, 20 * 4096, 60 * 4096);
    writeFileSync(file, bytes);

    const again = new FakeEngine();
    const after = await serve(sqlite(), again);
    run(again, 0, 10);
    await settled(after);

    expect(warnings).toHaveLength(1);
    expect(await after.metric(SUCCESSES)).toBe(10);
  }, 60_000);
});

describe('a disk that is full', () => {
  test('stops the history and nothing else; it resumes by itself, with every counter', async () => {
    // 400 pages of 4 KiB.
    const store = sqlite(['max_page_count = 400']);
    const engine = new FakeEngine();
    const service = await serve(store, engine, 500);
    let count = 0;
    for (; service.recorder.state().problem === null && count < 20_000; count += 500) {
      run(engine, count, 500, 'x'.repeat(200));
      await eventually(
        () => {
          const { pending, problem } = service.recorder.state();
          expect(pending === 0 || problem !== null).toBe(true);
        },
        { within: 20_000 },
      );
    }

    expect(service.recorder.state().problem).toMatch(/full/);
    run(engine, count, 10);
    expect(await service.metric(SUCCESSES)).toBe(count + 10);
    expect(service.inspector.liveTask('bull', `gpu:${count + 9}`)).toMatchObject({ state: 'SUCCESS' });

    // Room, as when somebody cleans the disk: the same file may grow again.
    await store.prune(
      { before: NOON + 1e9, failuresBefore: 0, statesBefore: new Map(), maxTasks: 1, maxBytes: 1 },
      100_000,
    );
    await eventually(() => expect(service.recorder.state().problem).toBeNull(), { within: 30_000 });
    expect(service.log.filter((line) => line.includes('nothing can be stored'))).not.toHaveLength(0);
    expect(service.log.at(-1)).toBe('history: storing again');
  }, 90_000);
});

/** A store whose disk takes as long as it is told. */
class SlowStore implements Pick<HistoryStore, 'append'> {
  readonly batches: HistoryBatch[] = [];
  release: () => void = () => undefined;
  begun = 0;

  async append(batch: HistoryBatch): Promise<void> {
    this.begun += 1;
    await new Promise<void>((resolve) => {
      this.release = resolve;
    });
    this.batches.push(batch);
  }
}

/** Only root may, and not in every container. */
function mountSmallDisk(at: string): boolean {
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', at], { stdio: 'ignore' });
  return status === 0;
}

describe('a disk that somebody else fills', () => {
  test('costs the details of that time at most: counters, live view and the file itself are whole', async () => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    file = join(disk, 'history.sqlite');
    const ballast = join(folder, 'disk', 'ballast');
    if (!mountSmallDisk(disk)) return;
    try {
      const engine = new FakeEngine();
      const service = await serve(sqlite(), engine);
      run(engine, 0, 100);
      await settled(service);
      expect(() => writeFileSync(ballast, Buffer.alloc(8 * 1024 * 1024))).toThrow(/ENOSPC/);

      let count = 100;
      await eventually(
        () => {
          run(engine, count, 500, 'x'.repeat(200));
          count += 500;
          expect(service.recorder.state().problem).toMatch(/full|I\/O/);
        },
        { within: 20_000, every: 200 },
      );
      expect(await service.metric(SUCCESSES)).toBe(count);
      expect(service.inspector.liveTask('bull', `gpu:${count - 1}`)).toMatchObject({ state: 'SUCCESS' });
      rmSync(ballast);
      await settled(service, 30_000);

      expect(service.log.filter((line) => line.includes('nothing can be stored'))).toHaveLength(1);
      await service.stop();
      services.length = 0;
      const again = await serve(sqlite(), new FakeEngine());
      expect(await again.metric(SUCCESSES)).toBe(count);
      expect(warnings).toEqual([]);
      await again.stop();
      services.length = 0;
    } finally {
      for (const service of services.splice(0)) await service.stop();
      spawnSync('umount', [disk]);
    }
  }, 90_000);
});

describe('a disk that is slow', () => {
  test('costs details, which are counted, and no counter', async () => {
    const slow = new SlowStore();
    const store = sqlite();
    store.append = (batch) => slow.append(batch);
    const engine = new FakeEngine();
    const service = await serve(store, engine);
    run(engine, 0, 1);
    await eventually(() => expect(slow.begun).toBe(1), { within: 20_000 });

    run(engine, 1, 50_000);

    expect(service.recorder.state().pending).toBe(40_001);
    expect(service.recorder.state().shed).toBeGreaterThanOrEqual(10_000);
    expect(await service.metric(SUCCESSES)).toBe(50_001);
    slow.release();
    await eventually(
      () => {
        slow.release();
        const ledger = slow.batches.flatMap((batch) => batch.ledger);
        expect(
          ledger.filter(({ key }) => key.includes('"success"') && key.includes('task_total')).at(-1)?.numbers,
        ).toEqual([50_001]);
      },
      { within: 20_000 },
    );
    const draining = setInterval(() => slow.release(), 1);
    await service.stop();
    clearInterval(draining);
    services.length = 0;
  }, 60_000);
});
