import { describe, expect, test } from '@jest/globals';
import type { UnnumberedFact } from '../../../agent/outbox.js';
import { Outbox } from '../../../agent/outbox.js';
import { encodeResult } from '../../../agent/task-result.js';

const fact = (said: Partial<UnnumberedFact> = {}): UnnumberedFact => ({
  kind: 'succeeded',
  engine: 'bull',
  prefix: 'bull',
  queue: 'mail',
  jobId: '1',
  jobName: 'send',
  attempt: 1,
  at: 0,
  sentAt: null,
  eta: null,
  runtimeMs: 1,
  error: null,
  timedOut: false,
  ...said,
});
const NONE = encodeResult(undefined);
const fill = (outbox: Outbox, count: number): void => {
  for (let n = 0; n < count; n += 1) outbox.record(fact(), NONE);
};
const numbers = (outbox: Outbox, upTo = Number.POSITIVE_INFINITY): readonly number[] =>
  outbox.take(upTo)?.lines.map(({ seq }) => seq) ?? [];

describe('the outbox', () => {
  test('numbers facts without holes and hands out a hundred at a time', () => {
    const outbox = new Outbox();
    fill(outbox, 150);

    expect(numbers(outbox)).toEqual(Array.from({ length: 100 }, (_, place) => place + 1));
    expect(numbers(outbox)).toHaveLength(50);
    expect(outbox.take(1000)).toBeNull();
  });

  test('hands out nothing newer than asked for, so that totals come right after what they cover', () => {
    const outbox = new Outbox();
    fill(outbox, 5);

    expect(numbers(outbox, 3)).toEqual([1, 2, 3]);
    expect(numbers(outbox, 3)).toEqual([]);
    expect(outbox.size).toBe(2);
  });

  test('gives a batch that was put back under its old numbers, before the newer ones', () => {
    const outbox = new Outbox();
    fill(outbox, 3);
    const batch = outbox.take(3);
    if (batch === null) throw new Error('nothing to take');
    fill(outbox, 1);

    outbox.putBack(batch);

    expect(numbers(outbox)).toEqual([1, 2, 3, 4]);
  });

  test('writes the result as it is, and only its size where it is too large', () => {
    const outbox = new Outbox();
    outbox.record(fact(), encodeResult({ score: 0.9, note: '"quoted"' }));
    outbox.record(fact(), encodeResult('x'.repeat(20_000)));

    const written: unknown = JSON.parse(outbox.take(2)?.body ?? '');

    expect(written).toEqual([
      expect.objectContaining({ seq: 1, result: { score: 0.9, note: '"quoted"' }, resultBytes: 33 }),
      expect.not.objectContaining({ result: expect.anything() }),
    ]);
    expect(written).toMatchObject([{}, { resultBytes: 20_002 }]);
  });

  test('drops the oldest when Redis is away for long, and the totals still count every one', () => {
    const outbox = new Outbox();
    fill(outbox, 25_000);

    expect(outbox.size).toBeLessThanOrEqual(10_000);
    expect(outbox.dropped).toBe(25_000 - outbox.size);
    expect(outbox.seq).toBe(25_000);
    expect(numbers(outbox)[0]).toBe(outbox.dropped + 1);
    expect(outbox.totals.sum('succeeded')).toBe(25_000);
  });

  test('is bounded in size too: a few thousand large results are not kept', () => {
    const outbox = new Outbox();
    const large = encodeResult('x'.repeat(16_000));
    for (let n = 0; n < 2_000; n += 1) outbox.record(fact(), large);

    // Four million characters.
    expect(outbox.size).toBeLessThan(270);
    expect(outbox.take(2_000)?.lines.length).toBeLessThanOrEqual(16);
  });
});

describe('the totals', () => {
  test('have one row per name and outcome, and one per exception class for retries', () => {
    const { totals } = new Outbox();
    totals.count(fact({ kind: 'started' }));
    totals.count(fact({ kind: 'failed', error: { type: 'TypeError', message: 'no' }, timedOut: true }));
    totals.count(fact({ kind: 'retried', error: { type: 'Busy', message: 'later' } }));
    totals.count(fact({ kind: 'retried', error: { type: 'Busy', message: 'later still' } }));

    expect(totals.rows()).toEqual([
      expect.objectContaining({ jobName: 'send', kind: 'failed', reason: null, count: 1, timedOut: 1 }),
      expect.objectContaining({ jobName: 'send', kind: 'retried', reason: 'Busy', count: 2, timedOut: 0 }),
    ]);
  });

  test('fold new names into __other__ when they are full, and lose none', () => {
    const { totals } = new Outbox();
    for (let n = 0; n < 5_000; n += 1) totals.count(fact({ jobName: `name-${n}` }));
    totals.count(fact({ jobName: 'name-0' }));

    const rows = totals.rows();

    expect(rows).toHaveLength(2_001);
    expect(rows.find(({ jobName }) => jobName === '__other__')?.count).toBe(3_000);
    expect(rows.find(({ jobName }) => jobName === 'name-0')?.count).toBe(2);
    expect(totals.sum('succeeded')).toBe(5_001);
  });
});
