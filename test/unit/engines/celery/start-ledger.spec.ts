import { describe, expect, test } from '@jest/globals';
import { StartLedger } from '../../../../src/engines/celery/start-ledger.js';

describe('The ledger of starts', () => {
  const ledgerAt = (processed: number): StartLedger => {
    const ledger = new StartLedger();
    ledger.told(processed, 10, 1000);
    return ledger;
  };

  test('finds a loss, exactly, after three heartbeats', () => {
    const ledger = ledgerAt(100);
    ledger.started(11);

    ledger.told(105, 20, 2000);
    const early: number[] = [];
    for (let beat = 0; beat < 3; beat += 1) {
      early.push(ledger.takeLoss(false));
      ledger.told(105, 21 + beat, 3000 + beat);
    }

    expect(early).toEqual([0, 0, 0]);
    expect(ledger.takeLoss(false)).toBe(4);
    expect(ledger.takeLoss(false)).toBe(0);
    expect(ledger.soundAt).toBe(1000);
  });

  test('takes a count that falls for another process, but not one that was sent before the last', () => {
    const ledger = ledgerAt(100);
    ledger.told(105, 20, 2000);
    for (let start = 0; start < 5; start += 1) ledger.started(15);

    ledger.told(102, 15, 2100, 1500);
    expect(ledger.restarts).toBe(0);
    expect(ledger.accounted).toBe(105);

    ledger.told(1, 5, 3000);
    expect(ledger.restarts).toBe(1);
    expect(ledger.accounted).toBe(1);
  });

  test('waits for starts that are still on their way when the heartbeat comes', () => {
    const ledger = ledgerAt(0);

    for (let beat = 1; beat <= 20; beat += 1) {
      ledger.told(beat * 10, beat * 100, beat);
      // Sent before that heartbeat by its clock, heard after it.
      for (let start = 0; start < 10; start += 1) ledger.started(beat * 100 - 1);
    }

    expect(ledger.takeLoss(false)).toBe(0);
  });

  test('takes back a loss that turns up after all, and counts the next one right', () => {
    const ledger = ledgerAt(0);
    for (let beat = 1; beat <= 5; beat += 1) ledger.told(2, beat * 100, beat);
    expect(ledger.takeLoss(false)).toBe(2);

    ledger.started(50);
    ledger.started(51);
    for (let beat = 6; beat <= 12; beat += 1) ledger.told(5, beat * 100, beat);

    expect(ledger.takeLoss(false)).toBe(3);
  });

  test('does not call lost a start that is known by its end, and does not count twice what the first heartbeat had counted', () => {
    const ledger = new StartLedger();
    ledger.told(10, 100, 1, 5_000);

    ledger.startedUnheard(4_000, 150);
    ledger.startedUnheard(6_000, 160);
    for (let beat = 2; beat <= 7; beat += 1) ledger.told(13, beat * 100, beat, 5_000 + beat);

    expect(ledger.takeLoss(false)).toBe(2);
  });

  test('does not call lost what may be stuck in the worker, until something later comes', () => {
    const ledger = ledgerAt(0);
    ledger.started(11);
    for (let beat = 1; beat <= 6; beat += 1) ledger.told(3, beat * 100, beat);
    expect(ledger.takeLoss(true)).toBe(0);

    ledger.started(700);
    ledger.told(4, 800, 7);
    ledger.told(4, 900, 8);

    expect(ledger.takeLoss(true)).toBe(2);
  });

  test('knows a worker that never sends task events from one that lost some', () => {
    const mute = ledgerAt(0);
    mute.told(3, 20, 2);
    const heard = ledgerAt(0);
    heard.started(11);
    heard.told(3, 20, 2);

    expect([mute.deaf, heard.deaf]).toEqual([true, false]);
  });
});
