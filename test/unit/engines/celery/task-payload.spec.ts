import { describe, expect, test } from '@jest/globals';
import { jsonMember } from '../../../../src/engines/celery/json-member.js';
import { jsonOfRepr, reprOfJson } from '../../../../src/engines/celery/repr-json.js';
import { taskMessage } from '../../../../src/engines/celery/task-message.js';

describe('A member of a JSON object', () => {
  const json =
    '{"result": {"args": [0]}, "name": "args", "args": [1.0, "}, \\"a\\"", [2]], "kwargs": {"args": 3}, "last": 1e400 }';

  test.each([
    ['args', '[1.0, "}, \\"a\\"", [2]]'],
    ['kwargs', '{"args": 3}'],
    ['result', '{"args": [0]}'],
    ['last', '1e400'],
    ['nosuch', null],
  ])('%s is its text as written', (name, text) => {
    expect(jsonMember(json, name)).toBe(text);
  });

  test.each(['', '[]', '{', '{"args": [1', '"args"', '{"args"}'])('is not found in %j', (text) => {
    expect(jsonMember(text, 'args')).toBeNull();
  });
});

describe('The JSON of a Python text', () => {
  test.each([
    ['()', '[]'],
    ['(1,)', '[1]'],
    ['(1.0, -2, 1e-07, None, True, False)', '[1.0, -2, 1e-07, null, true, false]'],
    ["('a, b', 'None', '(x,)', '')", '["a, b", "None", "(x,)", ""]'],
    ["[{'a': [1, 2], 'b': {'c': 'd: 1'}}]", '[{"a": [1, 2], "b": {"c": "d: 1"}}]'],
    ["{1: 'a', None: 2, 'x': 3}", '{"1": "a", "null": 2, "x": 3}'],
    ['(1152921504606846977,)', '[1152921504606846977]'],
    ["('bäd ✗',)", '["bäd ✗"]'],
  ])('%s', (repr, json) => {
    expect(jsonOfRepr(repr)).toBe(json);
  });

  test.each([
    ['a text that was cut', "('aaa', ...)"],
    ['a list that was too deep', '([[[...]]],)'],
    ['a quote in a string, which may as well be two strings', "('it\\'s',)"],
    ['a backslash, which Celery does not escape', "('a\\nb',)"],
    ['a string in double quotes', '("it\'s",)'],
    ['an object', '(datetime.datetime(2026, 1, 2),)'],
    ['bytes', "(b'a',)"],
    ['a set', '({1, 2},)'],
    ['no number', '(nan,)'],
    ['nothing', ''],
  ])('is not guessed of %s', (_what, repr) => {
    expect(jsonOfRepr(repr)).toBeNull();
  });
});

describe('A message of a task', () => {
  test('holds its arguments as they are given, and a Python text of them for events', () => {
    const { headers, body } = taskMessage({
      id: 'i',
      name: 't',
      args: '[1.0, null, "it\'s true", false]',
      kwargs: '{"a": [true]}',
      eta: Date.UTC(2026, 0, 2, 3, 4, 5, 60),
    });

    expect(body.startsWith('[[1.0, null, "it\'s true", false], {"a": [true]}, {')).toBe(true);
    expect(JSON.parse(body)).toHaveLength(3);
    expect(headers).toMatchObject({
      argsrepr: "[1.0, None, 'it\\'s true', False]",
      kwargsrepr: "{'a': [True]}",
      eta: '2026-01-02T03:04:05.060000+00:00',
    });
  });

  test('with long arguments has a text that is cut', () => {
    expect(reprOfJson(JSON.stringify(['x'.repeat(10_000)]))).toMatch(/^.{1000}\.\.\.$/);
  });
});
