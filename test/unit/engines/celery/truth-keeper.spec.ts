import { beforeEach, describe, expect, test } from '@jest/globals';
import type { EngineEvent } from '../../../../src/core/task-event.js';
import { TruthKeeper } from '../../../../src/engines/celery/truth-keeper.js';
import { Decoding } from '../../../support/celery-decoding.js';

/** An outage from second 100 to second 110 of a worker that had begun four tasks, and begins two while nobody hears. */
describe('The price of an outage', () => {
  let decoding: Decoding;
  let truth: TruthKeeper;
  let gaps: EngineEvent[];

  const tell = (type: string, second: number, processed: number): void => {
    decoding.decoder.at(second * 1_000, second * 1_000);
    decoding.event(type, { timestamp: second, clock: second, freq: 2, active: 0, processed });
    truth.look(second * 1_000, second * 1_000, gaps);
  };

  beforeEach(() => {
    decoding = new Decoding();
    truth = new TruthKeeper(decoding.workers);
    gaps = [];
    for (const second of [94, 96, 98, 100]) tell('worker-heartbeat', second, 4);
    truth.listeningAgain({ from: 100_000, reason: 'disconnected', missed: 0 }, 110_000, 110_000);
  });

  test('is told exactly although the worker said goodbye when it lost its broker, and hello a second after that was heard', () => {
    tell('worker-offline', 111, 4);
    for (let ms = 111_000; ms < 113_000; ms += 250) truth.look(ms, ms, gaps);
    tell('worker-online', 113, 6);
    for (let second = 115; second <= 131; second += 2) tell('worker-heartbeat', second, 6);

    expect(gaps).toEqual([expect.objectContaining({ reason: 'disconnected', missed: 2, exactness: 'exact' })]);
  });

  test('is told exactly where the next outage begins between that goodbye and the hello', () => {
    tell('worker-offline', 111, 4);
    truth.listeningAgain({ from: 112_000, reason: 'disconnected', missed: 0 }, 113_000, 113_000);
    tell('worker-online', 114, 6);
    for (let second = 116; second <= 132; second += 2) tell('worker-heartbeat', second, 6);

    expect(gaps).toEqual([expect.objectContaining({ from: 100_000, missed: 2, exactness: 'exact' })]);
  });

  test('is not known where the goodbye was one', () => {
    tell('worker-offline', 111, 4);
    truth.look(120_000, 120_000, gaps);
    expect(gaps).toEqual([]);

    truth.look(122_000, 122_000, gaps);
    expect(gaps).toEqual([expect.objectContaining({ missed: null, exactness: 'unknown' })]);
  });
});
