import { describe, expect, test } from '@jest/globals';
import { BullmqLedger, NOTHING_YET, type Shortfall } from '../../../../src/engines/bullmq/bullmq-ledger.js';
import type { Checkpoint } from '../../../../src/engines/bullmq/bullmq-position.js';
import {
  type EntryKind,
  readStreamEntry,
  type StreamEntry,
} from '../../../../src/engines/bullmq/bullmq-stream-entry.js';

function entry(kind: EntryKind, prev?: string): StreamEntry {
  const fields = ['event', kind, 'jobId', '1', ...(prev === undefined ? [] : ['prev', prev])];
  const read = readStreamEntry(['5-0', fields]);
  if (!read) throw new Error('not an entry');
  return read;
}

function at(said: Partial<Checkpoint>): Checkpoint {
  return { ...NOTHING_YET, id: '9-0', length: said.entries ?? 0, ...said };
}

/** Tells the entries, then judges at the checkpoint. */
function judged(told: readonly StreamEntry[], until: Checkpoint, from: Checkpoint | null = NOTHING_YET) {
  const ledger = new BullmqLedger(from);
  for (const one of told) ledger.count(one);
  ledger.expect(until);
  return ledger.judge(true);
}

function shortfallOf(verdict: ReturnType<typeof judged>): Shortfall {
  if (verdict.kind !== 'short') throw new Error(`expected a shortfall, found ${verdict.kind}`);
  return verdict.shortfall;
}

describe("A queue's ledger", () => {
  const oneTask = [entry('added'), entry('waiting'), entry('active'), entry('completed')];

  test('finds nothing missing where every entry was told', () => {
    expect(judged(oneTask, at({ entries: 4, added: 1 })).kind).toBe('complete');
  });

  test('cannot compare its first checkpoint with anything', () => {
    expect(judged(oneTask, at({ entries: 700, added: 9 }), null).kind).toBe('began');
  });

  test("counts the lost ends by the workers' totals, and leaves no room for a retry", () => {
    const shortfall = shortfallOf(judged(oneTask, at({ entries: 12, added: 3, succeeded: 2, failed: 1 })));

    expect(shortfall).toMatchObject({ entries: 8, ends: { succeeded: 1, failed: 1 }, endsAtMost: 2, retriesAtMost: 0 });
  });

  test('bounds the lost ends by what was added and is gone where nobody keeps totals', () => {
    const until = at({ entries: 12, added: 3, unfinished: 1, succeeded: null, failed: null });

    expect(shortfallOf(judged(oneTask, until))).toMatchObject({ ends: null, endsAtMost: 1 });
  });

  test('does not believe totals that only some of the workers keep', () => {
    const until = at({ entries: 12, added: 3, succeeded: 1, failed: 0 });

    expect(shortfallOf(judged(oneTask, until))).toMatchObject({ ends: null, endsAtMost: 2 });
  });

  test('leaves room for a retry where two entries more are lost than the tasks explain', () => {
    const until = at({ entries: 10, added: 2, succeeded: 2, failed: 0 });

    expect(shortfallOf(judged(oneTask, until))).toMatchObject({ ends: { succeeded: 1, failed: 0 }, retriesAtMost: 1 });
  });

  test('takes neither a refused duplicate nor a removed task for a lost end', () => {
    const told = [entry('added'), entry('waiting'), entry('duplicated'), entry('removed', 'wait')];

    expect(shortfallOf(judged(told, at({ entries: 5, added: 2 })))).toMatchObject({ entries: 1, endsAtMost: 0 });
  });

  test('knows a stream that was deleted and begun anew', () => {
    const before = at({ id: '5-0', entries: 500, added: 100 });

    expect(judged(oneTask, at({ entries: 4, added: 1 }), before).kind).toBe('restarted');
  });

  test('judges a shortfall again, with what was told since, until it is committed', () => {
    const ledger = new BullmqLedger(NOTHING_YET);
    ledger.expect(at({ entries: 4, added: 1, succeeded: 1, failed: 0 }));
    expect(shortfallOf(ledger.judge(false)).entries).toBe(4);

    for (const one of oneTask) ledger.count(one);
    ledger.expect(at({ id: '10-0', entries: 8, added: 2, succeeded: 2, failed: 0 }));
    expect(shortfallOf(ledger.judge(true))).toMatchObject({ entries: 4, ends: { succeeded: 1, failed: 0 } });

    ledger.expect(at({ id: '11-0', entries: 8, added: 2, succeeded: 2, failed: 0 }));
    expect(ledger.judge(true).kind).toBe('complete');
  });

  test('falls back on missing ends before Redis 7, which does not count entries', () => {
    const from = { ...NOTHING_YET, entries: null };
    expect(judged(oneTask, at({ entries: null, added: 1 }), from).kind).toBe('complete');
    expect(shortfallOf(judged(oneTask, at({ entries: null, added: 3 }), from)).endsAtMost).toBe(2);
  });
});
