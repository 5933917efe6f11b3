import { describe, expect, test } from '@jest/globals';
import { type LiveTask, newLiveTask } from '../../../src/core/live-task.js';
import { parseTaskFilter } from '../../../src/core/task-filter-parser.js';
import type { TaskCursor, TaskQuery } from '../../../src/core/task-query.js';
import { searchLive } from '../../../src/queue-inspector/live-search.js';

const query = (said: Partial<TaskQuery> = {}): TaskQuery => ({
  filter: {},
  order: { field: 'sent', descending: true },
  limit: 10,
  after: null,
  ...said,
});

const task = (id: string, said: Partial<LiveTask> = {}): LiveTask => Object.assign(newLiveTask('s', 'bull', id), said);

describe('searching live tasks', () => {
  test('pages through everything once, whatever the order and however keys repeat', () => {
    const tasks = Array.from({ length: 97 }, (_, at) =>
      task(`t${at}`, { sentAt: at % 7 === 0 ? null : at % 5, runtimeMs: at % 3, name: `n${at % 11}` }),
    );
    for (const field of ['sent', 'runtime', 'name'] as const) {
      for (const descending of [true, false]) {
        const seen: string[] = [];
        let after: TaskCursor | null = null;
        do {
          const page = searchLive(tasks, query({ order: { field, descending }, limit: 10, after }));
          expect(page.total).toBe(97);
          seen.push(...page.items.map((item) => item.id));
          after = page.next;
        } while (after !== null);

        expect(seen).toHaveLength(97);
        expect(new Set(seen).size).toBe(97);
      }
    }
  });

  test('puts the newest first and tasks without a time last', () => {
    const found = searchLive([task('unknown'), task('old', { sentAt: 1 }), task('new', { sentAt: 2 })], query());

    expect(found.items.map((item) => item.id)).toEqual(['new', 'old', 'unknown']);
    expect(found.next).toBeNull();
  });

  test('selects by name or its beginning, state, worker, queue and time', () => {
    const tasks = [
      task('a', { name: 'app.add', state: 'SUCCESS', worker: 'w1', queue: 'q1', sentAt: 10 }),
      task('b', { name: 'app.mail', state: 'FAILURE', worker: 'w2', queue: 'q1', sentAt: 20 }),
      task('c', { name: 'other', state: 'FAILURE', worker: 'w1', queue: 'q2', sentAt: 30 }),
    ];
    const ids = (filter: TaskQuery['filter']): readonly string[] =>
      searchLive(tasks, query({ filter })).items.map((item) => item.id);

    expect(ids({ name: 'app.*' })).toEqual(['b', 'a']);
    expect(ids({ name: 'app' })).toEqual([]);
    expect(ids({ states: ['FAILURE'] })).toEqual(['c', 'b']);
    expect(ids({ worker: 'w1', queue: 'q1' })).toEqual(['a']);
    expect(ids({ since: 20, until: 30 })).toEqual(['b']);
    expect(ids({ expression: parseTaskFilter('id:c', 0) })).toEqual(['c']);
  });
});
