import { describe, expect, test } from '@jest/globals';
import { SystemClock } from '../../../src/core/clock.js';
import { AmbiguousTaskId } from '../../../src/core/errors.js';
import { CAPABILITIES } from '../../../src/core/queue-engine.js';
import { withinScope } from '../../../src/core/scope.js';
import { QueueInspector } from '../../../src/queue-inspector/queue-inspector.js';
import { aTaskDetail } from '../../support/builders.js';
import { FakeEngine } from '../../support/fake-engine.js';

const UNSEEN = '11111111-2222-3333-4444-555555555555';
const WAY = { terminate: false, signal: null };

function inspectorOver(...engines: readonly FakeEngine[]): QueueInspector {
  const inspector = new QueueInspector(new SystemClock(), {
    inspection: { maxAgeMs: 0, deadlineMs: 200, listLimit: 10 },
    live: { maxTasks: 1000, maxBytes: 1e9 },
    workerGraceMs: 60_000,
    commandDeadlineMs: 200,
    statusChanged: () => undefined,
  });
  for (const engine of engines) inspector.add(engine);
  return inspector;
}

const celery = (): FakeEngine =>
  new FakeEngine({ name: 'c', engine: 'celery', capabilities: CAPABILITIES.filter((one) => one !== 'find-by-id') });

describe('finding the task to revoke', () => {
  test('hands an id nobody has seen to the source that cannot tell unknown from waiting', async () => {
    const engine = celery();
    engine.store(aTaskDetail({ id: UNSEEN }));
    engine.resolveTaskId = async () => [];

    const report = await inspectorOver(new FakeEngine({ name: 'b' }), engine).revoke(UNSEEN, WAY);

    expect(report).toMatchObject({ id: UNSEEN, outcome: 'revoked', source: { name: 'c' } });
  });

  test('does not take a mistyped id of another engine for one of Celery', async () => {
    const engine = celery();

    await expect(inspectorOver(new FakeEngine({ name: 'b' }), engine).revoke('mail:999', WAY)).rejects.toThrow(
      'mail:999',
    );
    expect(engine.revokes).toEqual([]);
  });
});

describe('an id that tasks of several queues share', () => {
  const shared = (): QueueInspector => {
    const engine = new FakeEngine();
    engine.store(aTaskDetail({ id: 'own:1', queue: 'own' }), aTaskDetail({ id: 'salaries:1', queue: 'salaries' }));
    return inspectorOver(engine);
  };

  test('is ambiguous to who may see all of them', async () => {
    await expect(shared().task('1')).rejects.toThrow(AmbiguousTaskId);
  });

  test('is the one that a caller may see, who hears of no other', async () => {
    const inspector = shared();
    const within = <T>(queue: string, run: () => Promise<T>): Promise<T> =>
      withinScope({ sources: null, queues: [queue] }, run);

    expect(await within('own', () => inspector.task('1'))).toMatchObject({ id: 'own:1' });
    await expect(within('other', () => inspector.task('1'))).rejects.toThrow(
      'expected the id of a task that is stored or was seen lately, found "1"',
    );
  });
});
