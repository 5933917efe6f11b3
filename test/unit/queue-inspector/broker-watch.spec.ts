import { afterEach, describe, expect, test } from '@jest/globals';
import { SystemClock } from '../../../src/core/clock.js';
import type { EngineKind } from '../../../src/core/source.js';
import { BrokerWatch } from '../../../src/queue-inspector/broker-watch.js';
import { QueueInspector } from '../../../src/queue-inspector/queue-inspector.js';
import { eventually } from '../../support/eventually.js';
import { FakeEngine } from '../../support/fake-engine.js';

const LOCATION = 'redis://broker.example:6379/0';

describe('watching a configured broker', () => {
  const watches: BrokerWatch[] = [];
  afterEach(() => Promise.all(watches.splice(0).map((watch) => watch.stop())));

  function watch(said: {
    readonly name?: string;
    readonly engine?: EngineKind;
    readonly detect?: () => readonly EngineKind[];
    readonly hangs?: boolean;
    readonly sawAll?: () => boolean;
    readonly againMs?: number;
  }) {
    const lines: string[] = [];
    const clock = new SystemClock();
    const inspector = new QueueInspector(clock, {
      inspection: { maxAgeMs: 0, deadlineMs: 200, listLimit: 10 },
      live: { maxTasks: 1000, maxBytes: 1e9 },
      workerGraceMs: 60_000,
      commandDeadlineMs: 200,
      statusChanged: () => undefined,
    });
    const started = new BrokerWatch(
      {
        location: LOCATION,
        name: said.name ?? null,
        engine: said.engine ?? null,
        detect: async (signal) => (said.hangs === true ? hang(signal) : (said.detect?.() ?? [])),
        sawAll: said.sawAll ?? (() => true),
        create: (source) => new FakeEngine({ name: source.name, engine: source.engine }),
      },
      { inspector, clock, retryMs: 10, againMs: said.againMs ?? 10, deadlineMs: 200, log: (line) => lines.push(line) },
    );
    watches.push(started);
    started.start();
    return { inspector, lines, names: () => inspector.sources().map((source) => source.name) };
  }

  test('takes a named engine at its word, reachable or not', () => {
    const { names, inspector } = watch({
      engine: 'bull',
      detect: () => {
        throw new Error('refused');
      },
    });

    expect(names()).toEqual(['bull@broker.example:6379/0']);
    expect(inspector.unresolved()).toEqual([]);
  });

  test('adds each engine that is found, also one that comes later, each once', async () => {
    let found: readonly EngineKind[] = [];
    const { names, inspector } = watch({ name: 'main', detect: () => found });
    await eventually(() =>
      expect(inspector.unresolved()).toMatchObject([{ location: LOCATION, status: { connection: 'connected' } }]),
    );

    found = ['bull'];
    await eventually(() => expect(names()).toEqual(['main-bull']));
    expect(inspector.unresolved()).toEqual([]);

    found = ['bull', 'celery'];
    await eventually(() => expect(names()).toEqual(['main-bull', 'main-celery']));
  });

  test('goes on looking soon while there is more than one look has time for', async () => {
    let looks = 0;
    const { names } = watch({
      name: 'main',
      againMs: 60_000,
      detect: () => {
        looks += 1;
        return looks < 3 ? ['celery'] : ['bull', 'celery'];
      },
      sawAll: () => looks >= 3,
    });

    await eventually(() => expect(names()).toEqual(['main-celery', 'main-bull']));
  });

  test('says that an engine is not watched, whose name another source has', async () => {
    const { inspector, lines, names } = watch({ name: 'main', detect: () => ['bull'] });
    await eventually(() => expect(names()).toEqual(['main-bull']));

    const second = new BrokerWatch(
      {
        location: 'redis://other.example:6379',
        name: 'main',
        engine: null,
        detect: async () => ['bull'],
        sawAll: () => true,
        create: (source) => new FakeEngine({ name: source.name, engine: source.engine }),
      },
      {
        inspector,
        clock: new SystemClock(),
        retryMs: 10,
        againMs: 10,
        deadlineMs: 200,
        log: (line) => lines.push(line),
      },
    );
    watches.push(second);
    second.start();

    await eventually(() =>
      expect(lines.join('\n')).toContain(
        'bull lives at redis://other.example:6379 and is not watched: expected a name of its own, found "main-bull"',
      ),
    );
  });

  test('shows a broker that cannot be reached, says so once, and goes on trying', async () => {
    let tries = 0;
    const { inspector, lines } = watch({
      detect: () => {
        tries += 1;
        throw new Error('connection refused');
      },
    });

    await eventually(() => expect(tries).toBeGreaterThan(3));

    expect(inspector.unresolved()).toMatchObject([
      { status: { connection: 'disconnected', problem: 'connection refused' } },
    ]);
    expect(lines).toEqual([`${LOCATION} cannot be reached: connection refused; trying again every 10 ms`]);
  });

  test('gives a silent broker up after the deadline, though everything that can be collected is', async () => {
    const { inspector } = watch({ hangs: true });
    const collect = setInterval(() => globalThis.gc?.(), 10);

    try {
      await eventually(() =>
        expect(inspector.unresolved()).toMatchObject([
          { status: { connection: 'disconnected', problem: 'no answer' } },
        ]),
      );
    } finally {
      clearInterval(collect);
    }
  });
});

/** Answers nothing until it is told to give up. */
function hang(signal: AbortSignal): Promise<readonly EngineKind[]> {
  return new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error('no answer')), { once: true }),
  );
}
