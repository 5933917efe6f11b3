import { describe, expect, test } from '@jest/globals';
import { attempt, recording, total } from './recording.js';

describe('label caps', () => {
  test('100 000 hostile names stay within the cap, and every total is exact', async () => {
    const maxSeries = 200;
    const { feed, lines } = recording({ maxSeries });
    let failed = 0;
    for (let at = 0; at < 100_000; at += 1) {
      const kind = at % 3 === 0 ? 'task-failed' : 'task-succeeded';
      if (kind === 'task-failed') failed += 1;
      feed(...attempt(kind, `hostile-${at}-${'x'.repeat(at % 300)}`));
    }

    const totals = await lines('celery_task_total');
    const durations = await lines('celery_task_duration_seconds_count');
    // Folding keeps the status: so many series more, at most.
    const statuses = 4;
    expect(totals.length).toBeLessThanOrEqual(maxSeries + statuses);
    expect(durations.length).toBeLessThanOrEqual(maxSeries + statuses);
    expect(total(totals.filter((line) => line.includes('status="failure"')))).toBe(failed);
    expect(total(totals)).toBe(100_000);
    expect(total(durations)).toBe(100_000);
    expect(total(totals.filter((line) => line.includes('task_name="__other__"')))).toBeGreaterThan(99_000);
  }, 60_000);

  test('reasons of retries are capped per name and keep their total', async () => {
    const { feed, lines, recorder } = recording();
    for (let at = 0; at < 500; at += 1) {
      feed(...attempt('task-retried', 'train', { error: { type: `Error${at}`, message: '' } }));
    }

    const retries = await lines('celery_task_retries_total');
    expect(retries).toHaveLength(51);
    expect(total(retries)).toBe(500);
    expect([...recorder.records()].map(([, record]) => record.retriesByReason()[0])).toEqual([
      { reason: '__other__', count: 450 },
    ]);
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s is an ordinary task', async (name) => {
    const { feed, value } = recording();
    feed(...attempt('task-succeeded', name), ...attempt('task-succeeded', name));

    expect(await value(`celery_task_total{task_name="${name}",status="success",source="main"}`)).toBe(2);
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('counts');
  });

  test('a task that calls itself __other__ is counted there and disturbs nothing', async () => {
    const { feed, lines } = recording({ maxSeries: 10 });
    for (let at = 0; at < 20; at += 1)
      feed(...attempt('task-succeeded', `n${at}`), ...attempt('task-succeeded', '__other__'));

    const names = (await lines('celery_task_total')).map(
      (line) => /task_name="([^"]*)",status="success"/.exec(line)?.[1],
    );
    expect(names.filter((name) => name === '__other__')).toHaveLength(1);
    expect(total(await lines('celery_task_total'))).toBe(40);
  });

  test('names are cut to 128 characters, lose control characters and broken characters, and share what they become', async () => {
    const { feed, lines } = recording();
    feed(
      ...attempt('task-succeeded', 'a\u0000\r\nb\u2028\u0085'),
      ...attempt('task-succeeded', 'ab'),
      ...attempt('task-succeeded', 'a\ud800b'),
      ...attempt('task-succeeded', `${'y'.repeat(126)}😀 and more`),
      ...attempt('task-succeeded', 'quote " and \\ backslash'),
    );

    const named = (await lines('celery_task_total')).filter((line) => line.includes('status="success"'));
    expect(named).toEqual([
      'celery_task_total{task_name="ab",status="success",source="main"} 3',
      `celery_task_total{task_name="${'y'.repeat(126)}…",status="success",source="main"} 1`,
      'celery_task_total{task_name="quote \\" and \\\\ backslash",status="success",source="main"} 1',
    ]);
  });

  test('a folded name stays folded, so that no counter ever falls', async () => {
    const { feed, value } = recording({ maxSeries: 10 });
    for (let at = 0; at < 12; at += 1) feed(...attempt('task-succeeded', `n${at}`));
    const other = 'celery_task_total{task_name="__other__",status="success",source="main"}';
    const before = await value(other);
    for (let at = 0; at < 12; at += 1) feed(...attempt('task-succeeded', `n${at}`));

    expect(await value(other)).toBe((before ?? 0) * 2);
  });
});
