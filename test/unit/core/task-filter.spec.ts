import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { InvalidRequest } from '../../../src/core/errors.js';
import { TASK_STATES } from '../../../src/core/task.js';
import {
  COMPARISONS,
  NUMBER_FIELDS,
  type TaskFilterNode,
  TEXT_FIELDS,
  TIME_FIELDS,
} from '../../../src/core/task-filter-node.js';
import { parseTaskFilter } from '../../../src/core/task-filter-parser.js';
import { taskPredicate } from '../../../src/core/task-filter-predicate.js';
import { aTask, NOON } from '../../support/builders.js';

const parse = (text: string): TaskFilterNode => parseTaskFilter(text, NOON);

describe('the filter language is read as', () => {
  test.each<[string, TaskFilterNode]>([
    ['name:app.tasks.train', { kind: 'text', field: 'name', value: 'app.tasks.train', prefix: false }],
    ['NAME:app.*', { kind: 'text', field: 'name', value: 'app.', prefix: true }],
    ['name:"a b*"', { kind: 'text', field: 'name', value: 'a b*', prefix: false }],
    ['name:"say \\"hi\\" \\\\"', { kind: 'text', field: 'name', value: 'say "hi" \\', prefix: false }],
    ['name:""', { kind: 'text', field: 'name', value: '', prefix: false }],
    ['id:mail:42', { kind: 'text', field: 'id', value: 'mail:42', prefix: false }],
    ['name:and', { kind: 'text', field: 'name', value: 'and', prefix: false }],
    ['queue:=mail', { kind: 'text', field: 'queue', value: 'mail', prefix: false }],
    ['state:failure', { kind: 'state', state: 'FAILURE' }],
    ['state: RETRY', { kind: 'state', state: 'RETRY' }],
    ['runtime:>5s', { kind: 'number', field: 'runtime', comparison: '>', value: 5000 }],
    ['runtime:<=1.5h', { kind: 'number', field: 'runtime', comparison: '<=', value: 5_400_000 }],
    ['runtime:>=250ms', { kind: 'number', field: 'runtime', comparison: '>=', value: 250 }],
    ['attempts:3', { kind: 'number', field: 'attempts', comparison: '=', value: 3 }],
    ['attempts:>1', { kind: 'number', field: 'attempts', comparison: '>', value: 1 }],
    ['started:>-15m', { kind: 'time', field: 'started', comparison: '>', at: NOON - 900_000 }],
    ['sent:<2d', { kind: 'time', field: 'sent', comparison: '<', at: NOON - 172_800_000 }],
    ['finished:>=2026-01-02T10:30', { kind: 'time', field: 'finished', comparison: '>=', at: NOON }],
    ['sent:>=2026-01-02T11:30:00+01:00', { kind: 'time', field: 'sent', comparison: '>=', at: NOON }],
    ['sent:<=1767349800', { kind: 'time', field: 'sent', comparison: '<=', at: NOON }],
    ['sent:>2026-01-02', { kind: 'time', field: 'sent', comparison: '>', at: Date.UTC(2026, 0, 2) }],
    ['reset', { kind: 'word', value: 'reset', prefix: false }],
    ['mail*', { kind: 'word', value: 'mail', prefix: true }],
    ['"mail:42"', { kind: 'word', value: 'mail:42', prefix: false }],
    [':odd', { kind: 'word', value: ':odd', prefix: false }],
    ['((a))', { kind: 'word', value: 'a', prefix: false }],
  ])('%s', (text, node) => {
    expect(parse(text)).toEqual(node);
  });

  test('and before or, not before both, side by side as and', () => {
    const word = (value: string): TaskFilterNode => ({ kind: 'word', value, prefix: false });

    expect(parse('a b OR not c AND (d or e)')).toEqual({
      kind: 'or',
      nodes: [
        { kind: 'and', nodes: [word('a'), word('b')] },
        {
          kind: 'and',
          nodes: [
            { kind: 'not', node: word('c') },
            { kind: 'or', nodes: [word('d'), word('e')] },
          ],
        },
      ],
    });
  });
});

describe('the filter language refuses', () => {
  test.each([
    ['state:', 'expected a value after "state:" at position 6, found end'],
    ['state:  ', 'expected a value after "state:" at position 8, found end'],
    ['runtime:>', 'expected a value after "runtime:>" at position 9, found end'],
    ['name:(a)', 'expected a value after "name:" at position 5, found "("'],
    [
      'state:GONE',
      'expected one of PENDING, RECEIVED, STARTED, SUCCESS, FAILURE, RETRY, REVOKED, REJECTED, LOST at position 6, found "GONE"',
    ],
    ['state:>FAILURE', 'expected a value after "state:", which has no order, at position 6, found ">"'],
    ['name:<a', 'expected a value after "name:", which has no order, at position 5, found "<"'],
    ['runtime:>fast', 'expected a duration such as 5s or 1.5h at position 9, found "fast"'],
    ['runtime:>5', 'expected a duration such as 5s or 1.5h at position 9, found "5"'],
    ['attempts:>1.5', 'expected a whole number at position 10, found "1.5"'],
    ['started:2026-01-02', 'expected one of > >= < <= after "started:" at position 8, found "2026-01-02"'],
    [
      'started:>soon',
      'expected an ISO 8601 time, epoch seconds, or how long ago, such as -15m, at position 9, found "soon"',
    ],
    [
      'started:>2026-13-45',
      'expected an ISO 8601 time, epoch seconds, or how long ago, such as -15m, at position 9, found "2026-13-45"',
    ],
    [
      'sate:FAILURE',
      'expected one of the fields state, name, worker, queue, source, error, id, runtime, attempts, sent, started, finished at position 0, found "sate"; put a text that has a ":" in quotes',
    ],
    ['', 'expected a term at position 0, found end'],
    ['a and', 'expected a term at position 5, found end'],
    ['or a', 'expected a term at position 0, found "or"'],
    ['not', 'expected a term at position 3, found end'],
    ['(a', 'expected ")" at position 2, found end'],
    ['a)', 'expected a term, "and", "or" or the end at position 1, found ")"'],
    ['()', 'expected a term at position 1, found ")"'],
    ['name:"open', 'expected a closing quote at position 10, found end'],
    ['((((((a))))))', 'expected at most 5 parentheses and nots inside one another at position 5, found one more'],
    [
      'not not not not not not a',
      'expected at most 5 parentheses and nots inside one another at position 20, found one more',
    ],
    ['a '.repeat(129), 'expected at most 128 words and signs at position 256, found more'],
    ['a'.repeat(2049), 'expected a filter of at most 2048 characters at position 2048, found 2049'],
  ])('%s', (text, message) => {
    expect(() => parse(text)).toThrow(new InvalidRequest(message));
  });

  test('with the position beside the message', () => {
    try {
      parse('state:');
      throw new Error('expected a refusal');
    } catch (error) {
      expect(error).toMatchObject({
        details: { errors: [{ field: 'q', expected: 'a value after "state:"', found: 'end', position: 6 }] },
      });
    }
  });

  test('or reads any text at all, and never fails in another way', () => {
    const pieces = fc.constantFrom(
      'state:',
      'name:',
      'runtime:',
      '>',
      '<=',
      '(',
      ')',
      '"',
      '\\',
      'and',
      'or',
      'not',
      ' ',
      '*',
      '5s',
      '-15m',
      'x',
    );
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces, { maxLength: 200 }).map((list) => list.join('')),
    );
    fc.assert(
      fc.property(anything, (text) => {
        try {
          taskPredicate(parse(text))(aTask());
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidRequest);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('in time that grows with the length only', () => {
    const began = performance.now();
    for (const text of [
      '('.repeat(2048),
      '"'.repeat(2048),
      'a'.repeat(2048),
      ':'.repeat(2048),
      `${'9'.repeat(2000)}s`,
    ]) {
      expect(() => taskPredicate(parse(`runtime:>${text}`.slice(0, 2048)))).toThrow(InvalidRequest);
    }
    expect(performance.now() - began).toBeLessThan(200);
  });
});

describe('a filter finds', () => {
  const failed = aTask({
    id: 'training:42',
    name: 'training.ridge',
    state: 'FAILURE',
    worker: 'w1',
    startedAt: NOON - 60_000,
    runtimeMs: 7000,
    attempts: 2,
    error: { type: 'ConnectionError', message: 'Reset by peer' },
  });
  const waiting = aTask({ id: 'mail:1', name: null, attempts: null });

  test.each([
    ['name:training.ridge', true, false],
    ['name:training', false, false],
    ['name:training.*', true, false],
    ['name:Training.*', false, false],
    ['id:training:42', true, false],
    ['worker:w1', true, false],
    ['queue:training', true, true],
    ['source:bull', true, true],
    ['error:ConnectionError', true, false],
    ['error:Connection*', true, false],
    ['error:"reset BY"', true, false],
    ['error:Timeout', false, false],
    ['state:FAILURE', true, false],
    ['runtime:>5s', true, false],
    ['runtime:<=5s', false, false],
    ['not runtime:>5s', false, true],
    ['attempts:2', true, false],
    ['attempts:>=3', false, false],
    ['started:>-2m', true, false],
    ['started:<-2m', false, false],
    ['finished:>-2m', false, false],
    ['sent:>=-1s', true, true],
    ['ridge', true, false],
    ['MAIL', false, true],
    ['peer', true, false],
    ['ridge*', false, false],
    ['train*', true, false],
    ['mail or peer', true, true],
    ['mail peer', false, false],
  ])('%s: the failed one %s, the waiting one %s', (text, first, second) => {
    const holds = taskPredicate(parse(text));

    expect([holds(failed), holds(waiting)]).toEqual([first, second]);
  });
});

const leaf: fc.Arbitrary<TaskFilterNode> = fc.oneof(
  fc.record({
    kind: fc.constant('text' as const),
    field: fc.constantFrom(...TEXT_FIELDS),
    value: fc.string({ maxLength: 8 }),
    prefix: fc.constant(false),
  }),
  fc.record({ kind: fc.constant('state' as const), state: fc.constantFrom(...TASK_STATES) }),
  fc.record({
    kind: fc.constant('number' as const),
    field: fc.constantFrom(...NUMBER_FIELDS),
    comparison: fc.constantFrom(...COMPARISONS),
    value: fc.nat(100_000),
  }),
  fc.record({
    kind: fc.constant('time' as const),
    field: fc.constantFrom(...TIME_FIELDS),
    comparison: fc.constantFrom('>', '>=', '<', '<='),
    at: fc.nat(4_000_000_000).map((seconds) => seconds * 1000),
  }),
  fc.record({ kind: fc.constant('word' as const), value: fc.string({ maxLength: 8 }), prefix: fc.constant(false) }),
);
const node: fc.Arbitrary<TaskFilterNode> = fc.letrec<{ node: TaskFilterNode }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 2, depthIdentifier: 'filter' },
    leaf,
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      nodes: fc.array(tie('node'), { minLength: 2, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('not' as const), node: tie('node') }),
  ),
})).node;

/** The filter as a person could have written it, with every parenthesis. */
function written(filter: TaskFilterNode): string {
  const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `(${filter.nodes.map(written).join(` ${filter.kind} `)})`;
    case 'not':
      return `not ${written(filter.node)}`;
    case 'text':
      return `${filter.field}:${quoted(filter.value)}`;
    case 'state':
      return `state:${filter.state}`;
    case 'number':
      return `${filter.field}:${filter.comparison}${filter.value}${filter.field === 'runtime' ? 'ms' : ''}`;
    case 'time':
      return `${filter.field}:${filter.comparison}${filter.at / 1000}`;
    case 'word':
      return quoted(filter.value);
  }
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null });
const task = fc
  .record({
    id: fc.string({ maxLength: 8 }),
    name: maybe(fc.string({ maxLength: 8 })),
    state: fc.constantFrom(...TASK_STATES),
    startedAt: maybe(fc.nat(4_000_000_000)),
    runtimeMs: maybe(fc.nat(100_000)),
    attempts: maybe(fc.nat(5)),
    error: maybe(fc.record({ type: fc.string({ maxLength: 8 }), message: fc.string({ maxLength: 8 }) })),
  })
  .map(aTask);

describe('whatever the filter', () => {
  test('written down and read again it is the same', () => {
    fc.assert(
      fc.property(node, (filter) => {
        expect(parse(written(filter))).toEqual(filter);
      }),
      { numRuns: 1000 },
    );
  });

  test('not is its opposite, and the laws of De Morgan hold', () => {
    fc.assert(
      fc.property(node, node, task, (a, b, given) => {
        const holds = (filter: TaskFilterNode): boolean => taskPredicate(filter)(given);

        expect(holds({ kind: 'not', node: a })).toBe(!holds(a));
        expect(holds({ kind: 'and', nodes: [a, b] })).toBe(holds(a) && holds(b));
        expect(holds({ kind: 'not', node: { kind: 'or', nodes: [a, b] } })).toBe(
          holds({
            kind: 'and',
            nodes: [
              { kind: 'not', node: a },
              { kind: 'not', node: b },
            ],
          }),
        );
      }),
      { numRuns: 1000 },
    );
  });
});
