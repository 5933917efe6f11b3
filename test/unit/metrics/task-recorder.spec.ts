import { describe, expect, test } from '@jest/globals';
import { taskEvent } from '../../../src/core/task-event.js';
import { TaskGauges } from '../../../src/metrics/task-gauges.js';
import { attempt, BULL, recording, total } from './recording.js';

const labels = (name: string, status: string): string => `{task_name="${name}",status="${status}",source="main"}`;

describe('the task recorder', () => {
  test('counts an attempt and its run time once, however often it is told', async () => {
    const { feed, value } = recording();
    const told = attempt('task-succeeded', 'train', { runtimeMs: 7000 });
    feed(...told, ...told, ...told);

    expect(await value(`celery_task_total${labels('train', 'success')}`)).toBe(1);
    expect(await value(`celery_task_duration_seconds_sum${labels('train', 'success')}`)).toBe(7);
    expect(
      await value(`celery_task_duration_seconds_bucket{le="5",task_name="train",status="success",source="main"}`),
    ).toBe(0);
    expect(
      await value(`celery_task_duration_seconds_bucket{le="10",task_name="train",status="success",source="main"}`),
    ).toBe(1);
    expect(
      await value(`celery_task_duration_seconds_bucket{le="+Inf",task_name="train",status="success",source="main"}`),
    ).toBe(1);
  });

  test('shows a name at 0 from its first start, so that the first failure is an increase', async () => {
    const { feed, value } = recording();
    feed(taskEvent('task-started', 'queue:first', 900_000, { name: 'train', occurrence: 1 }));

    expect(await value(`celery_task_total${labels('train', 'failure')}`)).toBe(0);
    expect(await value(`celery_task_total${labels('train', 'success')}`)).toBe(0);
    expect(await value('celery_task_timeouts_total{task_name="train",source="main"}')).toBe(0);
    expect(await value(`celery_task_duration_seconds_count${labels('train', 'failure')}`)).toBe(0);
    expect(await value('celery_task_wait_seconds_count{task_name="train",source="main"}')).toBeNull();

    feed(taskEvent('task-sent', 'queue:second', 900_000, { name: 'train', sentAt: 900_000 }));
    expect(await value('celery_task_wait_seconds_count{task_name="train",source="main"}')).toBe(0);
  });

  test('takes the class of an error as the reason of a retry, and never its message', async () => {
    const { feed, lines } = recording();
    for (const type of [
      'ConnectionError',
      'app.errors.Busy',
      'GRPC::Unavailable',
      'cannot reach db-7 at 10.0.0.3',
      '',
    ]) {
      feed(...attempt('task-retried', 'train', { error: { type, message: 'secret' } }));
    }
    feed(...attempt('task-retried', 'train', { error: null }));

    expect(await lines('celery_task_retries_total')).toEqual([
      'celery_task_retries_total{task_name="train",reason="ConnectionError",source="main"} 1',
      'celery_task_retries_total{task_name="train",reason="app.errors.Busy",source="main"} 1',
      'celery_task_retries_total{task_name="train",reason="GRPC::Unavailable",source="main"} 1',
      'celery_task_retries_total{task_name="train",reason="__unknown__",source="main"} 3',
    ]);
  });

  test('tells failures apart by the class of the error, so that they add up to all of them', async () => {
    const { feed, lines } = recording();
    const error = { type: 'ValueError', message: 'secret' };
    feed(...attempt('task-failed', 'train', { error }), ...attempt('task-failed', 'train', { error }));
    feed(...attempt('task-failed', 'train', { error: null }), ...attempt('task-retried', 'train', { error }));

    expect(await lines('taskscope_task_failures_total')).toEqual([
      'taskscope_task_failures_total{task_name="train",reason="ValueError",source="main"} 2',
      'taskscope_task_failures_total{task_name="train",reason="__unknown__",source="main"} 1',
    ]);
  });

  test('counts time-outs of failed and of retried attempts', async () => {
    const { feed, value } = recording();
    feed(
      ...attempt('task-failed', 'train', { timedOut: true }),
      ...attempt('task-retried', 'train', { timedOut: true }),
      ...attempt('task-failed', 'train'),
    );

    expect(await value('celery_task_timeouts_total{task_name="train",source="main"}')).toBe(2);
  });

  test('measures the wait from the ETA, and how far a start is from it, also before it', async () => {
    const { feed, value } = recording();
    feed(
      ...attempt('task-succeeded', 'late', { sentAt: 800_000, eta: 898_000 }),
      ...attempt('task-succeeded', 'early', { sentAt: 800_000, eta: 900_500 }),
      ...attempt('task-succeeded', 'now', { sentAt: 896_000 }),
    );

    expect(await value('celery_task_wait_seconds_sum{task_name="late",source="main"}')).toBe(2);
    expect(await value('celery_task_eta_delta_seconds_sum{task_name="late",source="main"}')).toBe(2);
    expect(await value('celery_task_eta_delta_seconds_bucket{le="0",task_name="early",source="main"}')).toBe(1);
    expect(await value('celery_task_wait_seconds_sum{task_name="now",source="main"}')).toBe(4);
    expect(await value('celery_task_eta_delta_seconds_count{task_name="now",source="main"}')).toBeNull();
  });

  test('adds what was reconciled to the same counters', async () => {
    const { feed, value, clock } = recording();
    feed(...attempt('task-failed', 'train'));
    const at = clock.ms;
    feed(
      { kind: 'reconciled', at, name: 'train', outcome: 'failure', count: 4, timedOut: 1, reason: null },
      { kind: 'reconciled', at, name: 'train', outcome: 'retry', count: 3, timedOut: 0, reason: 'Busy' },
    );

    expect(await value(`celery_task_total${labels('train', 'failure')}`)).toBe(5);
    expect(await value(`celery_task_total${labels('train', 'retry')}`)).toBe(3);
    expect(await value('celery_task_timeouts_total{task_name="train",source="main"}')).toBe(1);
    expect(await value('celery_task_retries_total{task_name="train",reason="Busy",source="main"}')).toBe(3);
  });

  test('keeps rejected attempts out of the four statuses of the contract', async () => {
    const { feed, value, lines } = recording();
    feed(taskEvent('task-rejected', 'queue:r', 900_000, { name: 'train' }));

    expect(total(await lines('celery_task_total'))).toBe(0);
    expect(await value('taskscope_task_rejected_total{task_name="train",source="main"}')).toBe(1);
  });

  test('counts a task whose name nobody told under __unknown__', async () => {
    const { feed, value } = recording();
    feed(taskEvent('task-failed', 'queue:n', 900_000));

    expect(await value(`celery_task_total${labels('__unknown__', 'failure')}`)).toBe(1);
  });

  test('leaves out run times that no clock could have measured', async () => {
    const { feed, value } = recording();
    feed(
      ...attempt('task-succeeded', 'train', { runtimeMs: -5 }),
      ...attempt('task-succeeded', 'train', { runtimeMs: Number.NaN }),
      ...attempt('task-succeeded', 'train', { runtimeMs: Number.POSITIVE_INFINITY }),
      ...attempt('task-succeeded', 'train', { runtimeMs: 2000 }),
    );

    expect(await value(`celery_task_total${labels('train', 'success')}`)).toBe(4);
    expect(await value(`celery_task_duration_seconds_sum${labels('train', 'success')}`)).toBe(2);
  });

  test('lets the failure rate fall back to 0, and the percentiles end', async () => {
    const { feed, value, clock, recorder, taskFamilies } = recording();
    const gauges = new TaskGauges(clock, taskFamilies, recorder);
    feed(...attempt('task-failed', 'train'), ...attempt('task-failed', 'train'));
    gauges.collect([]);

    expect(await value('celery_task_failure_rate{task_name="train",source="main"}')).toBe(2);
    expect(
      await value('celery_task_duration_percentile_seconds{task_name="train",percentile="p95",source="main"}'),
    ).toBeCloseTo(1.5, 1);

    clock.ms += 600_000;
    gauges.collect([]);
    expect(await value('celery_task_failure_rate{task_name="train",source="main"}')).toBe(0);
    expect(
      await value('celery_task_duration_percentile_seconds{task_name="train",percentile="p95",source="main"}'),
    ).toBeNull();
  });

  test('measures the result backend by operation', async () => {
    const { recorder, value } = recording();
    recorder.backendAnswered(BULL.name, 'get', 3);

    expect(await value('celery_result_backend_latency_seconds_bucket{le="0.005",operation="get",source="main"}')).toBe(
      1,
    );
  });
});
