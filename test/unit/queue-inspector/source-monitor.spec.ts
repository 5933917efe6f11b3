import { describe, expect, test } from '@jest/globals';
import { Clock } from '../../../src/core/clock.js';
import { SourceUnavailable } from '../../../src/core/errors.js';
import { QueueInspector } from '../../../src/queue-inspector/queue-inspector.js';
import { FakeEngine } from '../../support/fake-engine.js';

class HandClock extends Clock {
  at = 1_000_000;
  override now = (): number => this.at;
  override monotonic = (): number => this.at;
}

function inspectorOver(...engines: readonly FakeEngine[]): {
  readonly inspector: QueueInspector;
  readonly clock: HandClock;
} {
  const clock = new HandClock();
  const inspector = new QueueInspector(clock, {
    inspection: { maxAgeMs: 1000, deadlineMs: 200, listLimit: 10 },
    live: { maxTasks: 1000, maxBytes: 1e9 },
    workerGraceMs: 60_000,
    commandDeadlineMs: 200,
    statusChanged: () => undefined,
  });
  for (const engine of engines) inspector.add(engine);
  return { inspector, clock };
}

describe('looking at the sources', () => {
  test('polls once for all who ask at the same time, and again only when the answer is old', async () => {
    const engine = new FakeEngine();
    const { inspector, clock } = inspectorOver(engine);

    await Promise.all([inspector.look(), inspector.look(), inspector.look()]);
    clock.at += 900;
    await inspector.look();
    expect(engine.inspections).toBe(1);

    clock.at += 200;
    await inspector.look();
    expect(engine.inspections).toBe(2);
  });

  test('lets no source fail another, and keeps the last answer of the one that fails', async () => {
    const sick = new FakeEngine({ name: 'sick' });
    const well = new FakeEngine({ name: 'well' });
    const { inspector, clock } = inspectorOver(sick, well);
    const [first] = await inspector.look('sick');

    sick.failInspect = new SourceUnavailable('the broker is on fire');
    clock.at += 2000;
    const views = await inspector.look();

    expect(views.map((view) => [view.source.name, view.problem])).toEqual([
      ['sick', 'the broker is on fire'],
      ['well', null],
    ]);
    expect(views[0]?.snapshot).toBe(first?.snapshot);
  });

  test('waits for a silent broker no longer than the deadline', async () => {
    const silent = new FakeEngine();
    silent.delayMs = 60_000;
    const { inspector } = inspectorOver(silent);

    const [view] = await inspector.look();

    expect(view?.problem).toMatch(/did not answer in time/);
  });

  test('does not ask a source that is known to be away', async () => {
    const away = new FakeEngine({ connection: 'disconnected' });
    const { inspector } = inspectorOver(away);

    const [view] = await inspector.look();

    expect(away.inspections).toBe(0);
    expect(view?.problem).toBe('connection refused');
  });

  test('refuses two sources of one name', () => {
    expect(() => inspectorOver(new FakeEngine({ name: 'a' }), new FakeEngine({ name: 'a' }))).toThrow(
      'expected a name of its own, found "a"',
    );
  });
});
