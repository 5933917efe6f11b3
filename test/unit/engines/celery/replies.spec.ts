import { describe, expect, test } from '@jest/globals';
import { redactor } from '../../../../src/core/redaction.js';
import {
  consumedQueues,
  errorIn,
  listedTasks,
  queriedTask,
  takesJsonOnly,
  workerStats,
} from '../../../../src/engines/celery/control-replies.js';
import { learnResults } from '../../../../src/engines/celery/learned-results.js';
import { readResultRow } from '../../../../src/engines/celery/result-row.js';
import { capturedAnswers, capturedResults } from '../../../support/celery-captures.js';

const good = (method: string) => capturedAnswers(method).filter(({ value }) => errorIn(value) === null);

describe('Recorded answers of real workers', () => {
  test('tell pools apart', () => {
    const pools = good('stats').map(({ worker, value }) => [
      worker,
      workerStats(value)?.poolSize,
      workerStats(value)?.solo,
    ]);

    expect(pools).toEqual(
      expect.arrayContaining([
        ['w1@vm', 2, false],
        ['thr@vm', 2, false],
        ['solo@vm', 1, true],
      ]),
    );
  });

  test('list tasks, whole or safe', () => {
    const lists = good('active')
      .map(({ value }) => listedTasks(value))
      .filter((list) => list.length > 0);

    expect(lists[0]?.[0]).toMatchObject({ name: 'wireapp.slow', args: [6], routingKey: 'celery', acknowledged: true });
    expect(lists[1]?.[0]).toMatchObject({ args: '(6,)' });
    expect(lists[0]?.[0]?.startedAt).toBeCloseTo(1795232925556.845, 2);
  });

  test('list scheduled tasks with their time', () => {
    const [scheduled] = good('scheduled')
      .map(({ value }) => listedTasks(value))
      .filter((list) => list.length > 0);

    expect(scheduled?.[0]?.eta).toBe(Date.parse('2026-11-21T03:50:45.572Z'));
  });

  test('tell queues, and the state of one task', () => {
    expect(consumedQueues(good('active_queues')[0]?.value)).toContainEqual({
      name: 'celery',
      exchange: 'celery',
      routingKey: 'celery',
    });
    const id = '8640c246-1a54-434a-8555-cf3e6ec2c8cd';
    const found = good('query_task').flatMap(({ value }) => queriedTask(value, id) ?? []);
    expect(found[0]).toMatchObject({ state: 'active', task: { id } });
  });

  test('tell that JSON is all they take, and where their results are', () => {
    const [conf] = good('conf');

    expect(takesJsonOnly(conf?.value)).toBe(true);
    expect(learnResults(conf?.value)).toEqual({ database: 1, prefix: '' });
  });
});

describe('A configuration', () => {
  test.each([
    [{}, true],
    [{ accept_content: ['json'] }, true],
    [{ accept_content: ['json', 'pickle'] }, false],
    [{ task_serializer: 'pickle' }, false],
    [{ CELERY_ACCEPT_CONTENT: ['application/json'] }, true],
    [{ error: 'denied' }, null],
    ['odd', null],
  ])('%p takes JSON only: %p', (conf, expected) => {
    expect(takesJsonOnly(conf)).toBe(expected);
  });

  test.each([
    [{ broker_url: 'redis://h:1/0', result_backend: 'redis://other:1/1' }, null],
    [
      { broker_url: 'redis://:********@h//', result_backend: 'redis://:********@h:6379/4' },
      { database: 4, prefix: '' },
    ],
    [
      { broker_url: 'redis://localhost/0', result_backend: 'redis://127.0.0.1/2' },
      { database: 2, prefix: '' },
    ],
    [{ broker_url: 'amqp://h//', result_backend: 'redis://h/1' }, null],
    [{ broker_url: 'redis://h/0', result_backend: null }, null],
  ])('%p keeps results at %p', (conf, expected) => {
    expect(learnResults(conf)).toEqual(expected);
  });
});

describe('Stored results', () => {
  test('of real workers are all understood', () => {
    const rows = capturedResults().map(({ id, value }) => readResultRow(value, id, redactor()));
    const states = new Set(rows.map((row) => row?.state));

    expect(states).toEqual(new Set(['SUCCESS', 'FAILURE', 'REVOKED']));
    expect(rows.filter((row) => row === null)).toEqual([]);
  });

  test('never name a task as its own parent or child', () => {
    const row = readResultRow(
      '{"status": "RETRY", "result": {"exc_type": "E", "exc_message": ["m"]}, "task_id": "a", "parent_id": "a", "children": [[["a", null], null], [["b", null], null]], "date_done": "2026-01-01T00:00:00.5"}',
      'a',
      redactor(),
    );

    expect(row).toMatchObject({
      state: 'RETRY',
      parentId: null,
      childIds: ['b'],
      error: { type: 'E', message: 'm' },
      finishedAt: Date.parse('2026-01-01T00:00:00.500Z'),
    });
  });

  test('name the members of a group as children, not the group', () => {
    const group = '[["g", null], [[["b", null], null], [["c", null], null]]]';
    const json = `{"status": "SUCCESS", "result": null, "children": [[["a", "x"], null], ${group}]}`;

    expect(readResultRow(json, 'x', redactor())?.childIds).toEqual(['a', 'b', 'c']);
  });

  test('with a state of the application’s own are progress', () => {
    expect(readResultRow('{"status": "PROGRESS", "result": {"step": 2}}', 'a', redactor())).toMatchObject({
      state: 'STARTED',
      status: 'PROGRESS',
      progress: { step: 2 },
      result: null,
    });
  });

  test('that are no JSON are not read', () => {
    expect(readResultRow('\u0080\u0005K\u0005.', 'a', redactor())).toBeNull();
  });
});
