import { describe, expect, test } from '@jest/globals';
import { arranged, criticalPath, type FamilyMember } from '../../../src/core/task-family.js';
import { aTask, NOON } from '../../support/builders.js';

/** A task that ran from one second to another. */
function ran(id: string, parentId: string | null, from: number, to: number | null): FamilyMember {
  const startedAt = NOON + from * 1000;
  const finishedAt = to === null ? null : NOON + to * 1000;
  return { id, parentId, task: aTask({ id, sentAt: startedAt, startedAt, finishedAt }) };
}

describe('a family of tasks', () => {
  test('is told from the root down, each parent before its children', () => {
    const members = [ran('c', 'b', 5, 6), ran('late', 'root', 3, 4), ran('b', 'root', 1, 2), ran('root', null, 0, 1)];

    const placed = arranged(members, 'root');

    expect(placed.map(({ id, depth }) => [id, depth])).toEqual([
      ['root', 0],
      ['b', 1],
      ['c', 2],
      ['late', 1],
    ]);
  });

  test('loses nobody whose parent is not known, or who is its own ancestor', () => {
    const members = [ran('a', 'b', 0, 1), ran('b', 'a', 0, 1), ran('alone', 'gone', 0, 1), ran('root', null, 0, 1)];

    const placed = arranged(members, 'root');

    expect(placed.map(({ id }) => id).sort()).toEqual(['a', 'alone', 'b', 'root']);
    expect(placed[0]).toMatchObject({ id: 'root', depth: 0 });
  });

  test('places a chain of thousands', () => {
    const members = Array.from({ length: 5_000 }, (_, at) => ran(`${at}`, at === 0 ? null : `${at - 1}`, at, at + 1));

    const placed = arranged(members, '0');

    expect(placed.at(-1)).toMatchObject({ id: '4999', depth: 4_999 });
  });
});

describe('the critical path', () => {
  test('follows the slowest branch of a chain that fans out', () => {
    const members = [
      ran('root', null, 0, 1),
      ran('fast', 'root', 1, 2),
      ran('slow', 'root', 1, 9),
      ran('next', 'slow', 9, 10),
    ];

    expect(criticalPath(members)).toEqual(['root', 'slow', 'next']);
  });

  test('goes through the child that a parent has waited for longest', () => {
    const members = [ran('flow', null, 8, 9), ran('a', 'flow', 0, 3), ran('b', 'flow', 0, 8)];

    expect(criticalPath(members)).toEqual(['b', 'flow']);
  });

  test('ends at a task that still runs', () => {
    const members = [ran('root', null, 0, 1), ran('done', 'root', 1, 5), ran('runs', 'root', 2, null)];

    expect(criticalPath(members)).toEqual(['root', 'runs']);
  });

  test('is empty where nothing has started, and ends where tasks name each other', () => {
    expect(criticalPath([{ id: 'a', parentId: null, task: null }])).toEqual([]);
    expect(criticalPath([ran('a', 'b', 0, 1), ran('b', 'a', 0, 1)]).length).toBeLessThanOrEqual(2);
  });
});
