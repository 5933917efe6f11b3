import { describe, expect, test } from '@jest/globals';
import { LiveState } from '../../../src/core/live-state.js';
import { taskEvent } from '../../../src/core/task-event.js';
import type { Transition } from '../../../src/core/transition.js';

function play(live: LiveState, source: string, ...told: Parameters<typeof taskEvent>[]): readonly Transition[] {
  const out: Transition[] = [];
  for (const args of told) live.apply(source, 'bull', taskEvent(...args), out);
  return out;
}

describe('live state', () => {
  test('forgets the longest finished task first and keeps those that still run', () => {
    const live = new LiveState({ maxTasks: 3, maxBytes: 1e9 });

    play(
      live,
      's',
      ['task-started', 'running', 1],
      ['task-succeeded', 'first', 2],
      ['task-succeeded', 'second', 3],
      ['task-succeeded', 'third', 4],
    );

    expect([...live.all()].map((task) => task.id)).toEqual(['running', 'second', 'third']);
    expect(live.forgottenUnfinished).toBe(0);
  });

  test('lets go of what finished long ago where a history keeps it, and of nothing that is recent or runs', () => {
    let now = 0;
    const settled = { tasks: 3, afterMs: 1_000, monotonic: () => now };
    const live = new LiveState({ maxTasks: 100, maxBytes: 1e9, settled });
    const finished = (id: string, at: number): Parameters<typeof taskEvent> => ['task-succeeded', id, at];

    // The worker of the first is an hour ahead: what counts is when its end was heard of.
    play(live, 's', ['task-started', 'running', 1], finished('a', 3_600_000), finished('b', 3));
    now = 2_000;
    play(live, 's', finished('c', 4), finished('d', 5));
    expect(live.size).toBe(3);
    play(live, 's', finished('e', 1_004));

    expect([...live.all()].map((task) => task.id)).toEqual(['running', 'c', 'd', 'e']);
    expect(live.forgottenUnfinished).toBe(0);
  });

  test('drops unfinished tasks only when nothing else is left, and says how many', () => {
    const live = new LiveState({ maxTasks: 2, maxBytes: 1e9 });

    play(live, 's', ['task-started', 'a', 1], ['task-started', 'b', 2], ['task-started', 'c', 3]);

    expect([...live.all()].map((task) => task.id)).toEqual(['b', 'c']);
    expect(live.forgottenUnfinished).toBe(1);
  });

  test('keeps within its bytes and accounts for every one of them', () => {
    const live = new LiveState({ maxTasks: 1e6, maxBytes: 100_000 });

    for (let at = 0; at < 1000; at += 1) {
      play(live, 's', ['task-succeeded', `task-${at}`, at, { value: 'x'.repeat(1000), valueBytes: 1000 }]);
    }
    const kept = live.size;
    expect(live.bytes).toBeLessThanOrEqual(100_000);
    expect(kept).toBeGreaterThan(20);
    expect(kept).toBeLessThan(100);
  });

  test('leaves a result that is too large out of memory', () => {
    const live = new LiveState({ maxTasks: 10, maxBytes: 1e9 });

    play(live, 's', ['task-succeeded', 'large', 1, { value: 'x', valueBytes: 1_000_000 }]);

    expect(live.get('s', 'large')?.result).toBeUndefined();
    expect(live.bytes).toBeLessThan(10_000_000);
  });

  test('keeps the same id of two sources apart', () => {
    const live = new LiveState({ maxTasks: 10, maxBytes: 1e9 });

    play(live, 'one', ['task-started', '1', 1]);
    play(live, 'two', ['task-succeeded', '1', 1]);

    expect(live.get('one', '1')?.state).toBe('STARTED');
    expect(live.get('two', '1')?.state).toBe('SUCCESS');
    expect(live.size).toBe(2);
  });
});
