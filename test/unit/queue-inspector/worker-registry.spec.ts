import { describe, expect, test } from '@jest/globals';
import { Clock } from '../../../src/core/clock.js';
import type { Source } from '../../../src/core/source.js';
import type { Worker } from '../../../src/core/worker.js';
import { WorkerRegistry } from '../../../src/queue-inspector/worker-registry.js';

class FixedClock extends Clock {
  at = 1_000_000;
  override now = (): number => this.at;
  override monotonic = (): number => this.at;
}

const source: Source = { name: 's', engine: 'bull', location: 'redis://x' };

function worker(name: string, status: Worker['status'] = 'online'): Worker {
  return {
    source: 's',
    engine: 'bull',
    name,
    status,
    host: null,
    pid: null,
    software: null,
    startedAt: null,
    lastSeenAt: 0,
    queues: null,
    poolSize: 4,
    busy: 2,
    prefetchCount: null,
    autoscale: null,
    eventsEnabled: null,
    processed: null,
    resources: null,
    agent: false,
  };
}

describe('the memory of workers', () => {
  test('calls a worker lost that a later look no longer shows, for as long as the grace lasts', () => {
    const clock = new FixedClock();
    const registry = new WorkerRegistry(clock, 600_000);
    registry.merge(source, { at: clock.now(), workers: [worker('w1'), worker('w2')] });

    clock.at += 5_000;
    expect(registry.merge(source, { at: clock.now(), workers: [worker('w2')] })).toMatchObject([
      { name: 'w1', status: 'lost', busy: 0 },
      { name: 'w2', status: 'online' },
    ]);

    clock.at += 600_001;
    expect(registry.merge(source, { at: clock.now(), workers: [worker('w2')] })).toMatchObject([
      { name: 'w2', status: 'online' },
    ]);
  });

  test('calls nobody lost because the broker did not answer', () => {
    const registry = new WorkerRegistry(new FixedClock(), 600_000);
    registry.merge(source, { at: 1, workers: [worker('w1')] });

    expect(registry.merge(source, null)).toMatchObject([{ name: 'w1', status: 'online' }]);
  });

  test('keeps the goodbye of a worker although the look was taken before it', () => {
    const clock = new FixedClock();
    const registry = new WorkerRegistry(clock, 600_000);
    const look = { at: clock.now(), workers: [worker('w1')] };
    registry.merge(source, look);

    clock.at += 10;
    registry.hear(source, { kind: 'worker-offline', at: clock.now(), worker: worker('w1', 'offline') });

    expect(registry.merge(source, look)).toMatchObject([{ name: 'w1', status: 'offline' }]);
    expect(registry.merge(source, { at: clock.now() - 5, workers: [worker('w1')] })).toMatchObject([
      { name: 'w1', status: 'offline' },
    ]);
  });
});
