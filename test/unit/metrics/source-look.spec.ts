import { expect, test } from '@jest/globals';
import { SystemClock } from '../../../src/core/clock.js';
import { lookAtSources } from '../../../src/metrics/source-look.js';
import { QueueInspector } from '../../../src/queue-inspector/queue-inspector.js';
import { FakeEngine } from '../../support/fake-engine.js';

test('a source that is late has no snapshot, not even an old one, and delays nobody longer than the deadline', async () => {
  const inspector = new QueueInspector(new SystemClock(), {
    inspection: { maxAgeMs: 0, deadlineMs: 20_000, listLimit: 10 },
    live: { maxTasks: 10, maxBytes: 1e6 },
    workerGraceMs: 1000,
    commandDeadlineMs: 1000,
    statusChanged: () => undefined,
  });
  const [late, well] = [new FakeEngine({ name: 'late' }), new FakeEngine({ name: 'well' })];
  inspector.add(late);
  inspector.add(well);
  await lookAtSources(inspector, 1000);
  late.delayMs = 500;

  const began = performance.now();
  const looks = await lookAtSources(inspector, 50);
  const took = performance.now() - began;

  expect(looks.map(({ view, snapshot, problem }) => [view.source.name, snapshot !== null, problem])).toEqual([
    ['late', false, 'the source did not answer in time'],
    ['well', true, null],
  ]);
  expect(took).toBeGreaterThan(40);
  expect(took).toBeLessThan(450);
  await inspector.stop();
});
