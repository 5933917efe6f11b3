import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { HistoryStore, StoredTask } from '../../../src/core/history-store.js';
import { parseTaskFilter } from '../../../src/core/task-filter-parser.js';
import { taskPredicate } from '../../../src/core/task-filter-predicate.js';
import type { TaskCursor, TaskFilter, TaskSortField } from '../../../src/core/task-query.js';
import { NOON } from '../../support/builders.js';
import { aStoredTask } from '../../support/history.js';
import { batch, MINUTE, MIXED, query, type StoreUnderTest } from './history-records.js';

export function historySearchContract(name: string, start: () => Promise<StoreUnderTest>): void {
  describe(`searching the history in ${name}`, () => {
    let database: StoreUnderTest;
    let store: HistoryStore;

    beforeEach(async () => {
      database = await start();
      ({ store } = await database.open());
    }, 60_000);

    afterEach(() => store.close());

    test.each([
      '',
      'state:FAILURE',
      'not state:SUCCESS',
      'name:app.tasks.kind_1',
      'name:app.*',
      'not name:app.*',
      'queue:"slow%_queue"',
      'worker:worker-1@host or worker:worker-2*',
      'source:bull runtime:>100ms',
      'runtime:<=105ms',
      'runtime:10.5ms',
      'attempts:>=2 and not error:ValueError',
      'error:app.*',
      'error:"100%_of"',
      'error:"100xx"',
      'id:mail:4',
      'id:0d8c*',
      'started:>2026-01-02T11:00:00Z finished:<2026-01-02T11:10:00Z',
      'KIND_2',
      'mail*',
      '(name:app.tasks.kind_3 or state:STARTED) and not queue:mail',
      'not not state:FAILURE',
    ])('finds by %p what memory finds by it', async (text) => {
      await store.append(batch({ tasks: MIXED }));
      const expression = text === '' ? undefined : parseTaskFilter(text, NOON);
      const holds = expression === undefined ? () => true : taskPredicate(expression);

      const page = await store.search(query(expression === undefined ? {} : { expression }));

      const wanted = MIXED.filter(holds).map(({ id }) => id);
      expect(page.items.map(({ id }) => id).sort()).toEqual([...wanted].sort());
      expect(page).toMatchObject({ next: null, complete: true, total: wanted.length, totalExact: true });
    });

    test.each<[string, TaskFilter, (task: StoredTask) => boolean]>([
      ['a name', { name: 'app.tasks.kind_1' }, (task) => task.name === 'app.tasks.kind_1'],
      ['the beginning of a name', { name: 'app.tasks.*' }, (task) => task.name !== null],
      ['states', { states: ['FAILURE', 'STARTED'] }, (task) => task.state !== 'SUCCESS'],
      [
        'worker and queue',
        { worker: 'worker-1@host', queue: 'mail' },
        (task) => task.worker === 'worker-1@host' && task.queue === 'mail',
      ],
      ['a source', { source: 'celery' }, (task) => task.source === 'celery'],
      ['nothing that is stored', { source: 'nobody' }, () => false],
      [
        'a time',
        { since: NOON + 5 * MINUTE, until: NOON + 9 * MINUTE },
        (task) => task.sentAt !== null && task.sentAt >= NOON + 5 * MINUTE && task.sentAt < NOON + 9 * MINUTE,
      ],
    ])('finds by %s', async (_, filter, holds) => {
      await store.append(batch({ tasks: MIXED }));

      const page = await store.search(query(filter));

      expect(page.items.map(({ id }) => id).sort()).toEqual(
        MIXED.filter(holds)
          .map(({ id }) => id)
          .sort(),
      );
    });

    test.each<[TaskSortField, boolean]>([
      ['sent', true],
      ['sent', false],
      ['started', true],
      ['finished', false],
      ['finished', true],
      ['runtime', false],
      ['runtime', true],
    ])('pages through everything once by %s, descending: %p', async (field, descending) => {
      await store.append(batch({ tasks: MIXED }));
      const whole = await store.search(query({}, { order: { field, descending }, limit: 500 }));

      const paged: string[] = [];
      let after: TaskCursor | null = null;
      do {
        const page = await store.search(query({}, { order: { field, descending }, limit: 7, after }));
        paged.push(...page.items.map(({ id }) => id));
        after = page.next;
      } while (after !== null);

      expect(new Set(paged).size).toBe(60);
      expect(paged).toEqual(whole.items.map(({ id }) => id));
      const keys = whole.items.map(
        (task) =>
          ({
            sent: task.sentAt,
            started: task.startedAt,
            finished: task.finishedAt,
            runtime: task.runtimeMs,
            name: null,
          })[field],
      );
      const known = keys.filter((key) => key !== null);
      expect(keys).toEqual([
        ...[...known].sort((a, b) => (descending ? b - a : a - b)),
        ...keys.filter((key) => key === null),
      ]);
    });

    test.each<[TaskSortField, string]>([
      ['sent', 'sent:>2026-01-02T10:35:00Z sent:<=2026-01-02T10:42:00Z'],
      ['started', 'started:>=2026-01-02T10:40:00.250125Z state:SUCCESS'],
      ['runtime', 'runtime:>52.5ms runtime:<=420ms'],
      ['finished', '(finished:<2026-01-02T11:00:00Z) name:app.*'],
    ])('turns pages by %s of what %p selects by it, in both directions', async (field, text) => {
      await store.append(batch({ tasks: MIXED }));
      const expression = parseTaskFilter(text, NOON);
      const wanted = MIXED.filter(taskPredicate(expression)).map(({ id }) => id);

      for (const descending of [true, false]) {
        const found: string[] = [];
        let after: TaskCursor | null = null;
        do {
          const page = await store.search(query({ expression }, { order: { field, descending }, limit: 4, after }));
          found.push(...page.items.map(({ id }) => id));
          after = page.next;
        } while (after !== null);
        expect([...found].sort()).toEqual([...wanted].sort());
      }
      expect(wanted.length).toBeGreaterThan(4);
    });

    test('ends a search for what is rare among many in time, says so, and goes on from there', async () => {
      const tasks = Array.from({ length: 30_000 }, (_, at) =>
        aStoredTask({ id: `t:${at}`, sentAt: NOON + at, state: 'SUCCESS', worker: at === 3 ? 'rare' : 'common' }),
      );
      for (let from = 0; from < tasks.length; from += 5_000)
        await store.append(batch({ tasks: tasks.slice(from, from + 5_000) }));

      const found: string[] = [];
      let after: TaskCursor | null = null;
      let pages = 0;
      do {
        const page = await store.search(query({ worker: 'rare' }, { after }));
        found.push(...page.items.map(({ id }) => id));
        expect(page.complete).toBe(page.next === null);
        after = page.next;
        pages += 1;
      } while (after !== null && pages < 100);

      expect(found).toEqual(['t:3']);
      const estimated = await store.search(query({ worker: 'common' }));
      expect(estimated).toMatchObject({ total: 30_000, totalExact: false });
    }, 60_000);
  });
}
