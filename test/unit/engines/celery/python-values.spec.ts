import { describe, expect, test } from '@jest/globals';
import { errorOfEvent, errorOfResult } from '../../../../src/engines/celery/python-error.js';
import { parsePythonJson } from '../../../../src/engines/celery/python-json.js';
import { NOT_A_LITERAL, parsePythonLiteral } from '../../../../src/engines/celery/python-literal.js';

describe('Python’s JSON', () => {
  test.each([
    ['{"a": NaN, "b": -Infinity, "c": Infinity}', { a: 'NaN', b: '-Infinity', c: 'Infinity' }],
    [
      '[9223372036854775807, -9007199254740993, 9007199254740991]',
      ['9223372036854775807', '-9007199254740993', 9007199254740991],
    ],
    ['{"text": "NaN 12345678901234567890 \\" Infinity"}', { text: 'NaN 12345678901234567890 " Infinity' }],
    ['[1.5e300, 0.1234567890123456, 1e5]', [1.5e300, 0.1234567890123456, 1e5]],
  ])('%s', (text, value) => {
    expect(parsePythonJson(text)).toEqual(value);
  });

  test('that is broken is refused', () => {
    expect(() => parsePythonJson('{"a": NaN')).toThrow(SyntaxError);
    expect(() => parsePythonJson('NaNa')).toThrow(SyntaxError);
  });
});

describe('Python source text', () => {
  test.each<[string, unknown]>([
    ['5', 5],
    ['-2.5e3', -2500],
    ['18446744073709551616', '18446744073709551616'],
    ['None', null],
    ["'it\\'s \\n\\x41\\u2717\\U0001f600'", "it's \nA✗😀"],
    ['"it\'s"', "it's"],
    ['[]', []],
    ['(1,)', [1]],
    ["{'a': [1, 2], 3: {'b': (True, False)}}", { a: [1, 2], 3: { b: [true, false] } }],
    ['[nan, inf, -inf]', ['NaN', 'Infinity', '-Infinity']],
  ])('%s is plain data', (text, value) => {
    expect(parsePythonLiteral(text)).toEqual(value);
  });

  test.each([
    '',
    '<obj>',
    'datetime.date(2026, 1, 1)',
    "b'x'",
    '{1, 2}',
    "'cut...",
    '[1, 2, ...]',
    '1 2',
    "{'a': 1}x",
    '('.repeat(5000),
    "{'a' 1}",
    'os.system(1)',
  ])('%p is not', (text) => {
    expect(parsePythonLiteral(text)).toBe(NOT_A_LITERAL);
  });

  test('cannot reach the prototype', () => {
    const value = parsePythonLiteral("{'__proto__': {'polluted': 1}}");

    expect(Object.keys(Object(value))).toEqual(['__proto__']);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});

describe('An exception', () => {
  test.each([
    ["ValueError('bad')", null, { type: 'ValueError', message: 'bad' }],
    ['KeyError(1)', null, { type: 'KeyError', message: '1' }],
    ["my.mod.Odd('a', 2)", null, { type: 'Odd', message: "'a', 2" }],
    [
      'ExceptionWithTraceback()',
      'Traceback …\nbilliard.exceptions.TimeLimitExceeded: TimeLimitExceeded(5,)\n',
      { type: 'TimeLimitExceeded', message: '5,' },
    ],
    ['not a call', null, { type: 'not', message: 'not a call' }],
    ["E('redis://:pw@host/0')", null, { type: 'E', message: 'redis://:pw@host/0' }],
  ])('%s', (exception, traceback, error) => {
    expect(errorOfEvent(exception, traceback)).toEqual(error);
  });

  test('as the result backend stores it', () => {
    expect(errorOfResult({ exc_type: 'ValueError', exc_message: ['a', 2], exc_module: 'builtins' })).toEqual({
      type: 'ValueError',
      message: 'a, 2',
    });
    expect(errorOfResult('none')).toBeNull();
  });
});
