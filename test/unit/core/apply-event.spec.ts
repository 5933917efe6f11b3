import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { applyEvent } from '../../../src/core/apply-event.js';
import { type LiveTask, newLiveTask } from '../../../src/core/live-task.js';
import { type TaskEvent, type TaskEventKind, taskEvent } from '../../../src/core/task-event.js';
import type { Transition } from '../../../src/core/transition.js';

const ENDINGS: readonly TaskEventKind[] = ['task-succeeded', 'task-failed', 'task-revoked', 'task-rejected'];

/** What an honest source tells of one task: some failed attempts, then perhaps an ending. `at` and `occurrence` follow the engine's habit. */
function history(style: 'numbered' | 'timed', retries: number, ending: TaskEventKind | null): readonly TaskEvent[] {
  const events: TaskEvent[] = [];
  let clock = 1_000_000;
  const occurrence = (attempt: number, at: number): number => (style === 'numbered' ? attempt : at);
  const say = (kind: TaskEventKind, attempt: number, more: Partial<TaskEvent> = {}): void => {
    clock += 10;
    events.push(taskEvent(kind, 'task-1', clock, { occurrence: occurrence(attempt, clock), ...more }));
  };

  say('task-sent', 0, { name: 'app.add', queue: 'default', sentAt: clock });
  for (let attempt = 1; attempt <= retries; attempt += 1) {
    say('task-received', attempt, { name: 'app.add' });
    say('task-started', attempt, { worker: 'w1' });
    say('task-retried', attempt, { worker: 'w1', runtimeMs: 10, error: { type: 'IOError', message: 'again' } });
  }
  say('task-received', retries + 1, { name: 'app.add' });
  say('task-started', retries + 1, { worker: 'w1' });
  if (ending !== null) say(ending, retries + 1, { worker: 'w1', runtimeMs: 10 });
  return events;
}

function play(events: readonly TaskEvent[]): { task: LiveTask; told: readonly Transition[] } {
  const task = newLiveTask('s', 'celery', 'task-1');
  const told: Transition[] = [];
  for (const event of events) applyEvent(task, event, told);
  return { task, told };
}

function counts(told: readonly Transition[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { kind, outcome, ms } of told) {
    const key = outcome === null ? kind : `${kind} ${outcome}`;
    sums[key] = (sums[key] ?? 0) + 1;
    if (kind === 'timed') sums.runtime = (sums.runtime ?? 0) + (ms ?? 0);
  }
  return sums;
}

function settled({ task, told }: ReturnType<typeof play>) {
  const { state, name, queue, worker, sentAt, startedAt, finishedAt, attempts } = task;
  return { state, name, queue, worker, sentAt, startedAt, finishedAt, attempts, counts: counts(told) };
}

const histories = fc
  .tuple(fc.constantFrom('numbered' as const, 'timed' as const), fc.nat({ max: 4 }), fc.constantFrom(null, ...ENDINGS))
  .map(([style, retries, ending]) => history(style, retries, ending));

describe('applying the events of a task', () => {
  test('ends in the same state and the same counts in any order, however often each event is told', () => {
    const disordered = histories.chain((events) =>
      fc.tuple(
        fc.constant(events),
        fc
          .tuple(fc.constant(events), fc.array(fc.constantFrom(...events), { maxLength: 5 }))
          .chain(([all, again]) => fc.shuffledSubarray([...all, ...again], { minLength: all.length + again.length })),
      ),
    );

    fc.assert(
      fc.property(disordered, ([inOrder, shuffled]) => {
        const straight = settled(play(inOrder));
        const mixed = settled(play(shuffled));
        expect(mixed).toEqual(straight);
      }),
      { numRuns: 10_000, seed: 20_261_121 },
    );
  });

  test('counts every retry and the ending once', () => {
    const { told } = play(history('numbered', 3, 'task-failed'));

    expect(counts(told)).toMatchObject({ 'finished retry': 3, 'finished failure': 1, started: 4, runtime: 40 });
  });

  test('takes an outcome without an occurrence for the one that is known already', () => {
    const events = history('numbered', 1, 'task-succeeded');
    const { told } = play([...events, taskEvent('task-succeeded', 'task-1', 2_000_000)]);

    expect(counts(told)['finished success']).toBe(1);
  });

  test('lets a numbered outcome confirm one that was told without a number before any start', () => {
    const { told, task } = play([
      taskEvent('task-succeeded', 'task-1', 2_000_000),
      taskEvent('task-succeeded', 'task-1', 1_999_990, { occurrence: 2, runtimeMs: 10 }),
    ]);

    expect(counts(told)['finished success']).toBe(1);
    expect(task.state).toBe('SUCCESS');
  });

  test('tells the run time when the start is heard of after the end', () => {
    const { told } = play([
      taskEvent('task-failed', 'task-1', 1_500, { occurrence: 1 }),
      taskEvent('task-started', 'task-1', 1_000, { occurrence: 1 }),
    ]);

    expect(told.find((transition) => transition.kind === 'timed')).toMatchObject({ outcome: 'failure', ms: 500 });
  });

  test('measures the wait from the ETA, never below zero', () => {
    const { told } = play([
      taskEvent('task-sent', 'task-1', 0, { sentAt: 0, eta: 5_000 }),
      taskEvent('task-started', 'task-1', 4_999, { occurrence: 1 }),
    ]);

    expect(told.filter((transition) => transition.kind === 'waited').map(({ ms }) => ms)).toEqual([0]);
  });

  test('shows a task that was put back by hand as waiting again', () => {
    const { task } = play([...history('numbered', 0, 'task-failed'), taskEvent('task-requeued', 'task-1', 2_000_000)]);

    expect(task.state).toBe('PENDING');
    expect(task.finishedAt).toBeNull();
  });
});

describe('a task whose worker has vanished', () => {
  const started = taskEvent('task-started', 'task-1', 1000, { occurrence: 1000, worker: 'w1' });
  const lost = taskEvent('task-lost', 'task-1', 9000, { occurrence: 1000, worker: 'w1' });

  test.each([
    ['told in order', [started, lost]],
    ['told before its start', [lost, started]],
    ['told twice', [started, lost, lost]],
  ])('is lost, and no attempt of it is counted as finished: %s', (_, events) => {
    const { task, told } = play(events);

    expect(task).toMatchObject({ state: 'LOST', attempts: 1, finishedAt: null });
    expect(counts(told)).toEqual({ started: 1, lost: 1 });
  });

  test('is what its end says, where that comes after all', () => {
    const succeeded = taskEvent('task-succeeded', 'task-1', 5000, { occurrence: 5000, runtimeMs: 4000 });

    expect(play([started, lost, succeeded]).task.state).toBe('SUCCESS');
    expect(play([started, succeeded, lost]).task.state).toBe('SUCCESS');
  });

  test('runs again where another worker has begun it', () => {
    const again = taskEvent('task-started', 'task-1', 9500, { occurrence: 9500, worker: 'w2' });

    expect(play([started, lost, again]).task).toMatchObject({ state: 'STARTED', worker: 'w2', attempts: 2 });
  });
});
