import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { InvalidRequest } from '../../../src/core/errors.js';
import { decodeCursor, encodeCursor } from '../../../src/http/cursor.js';

const key = fc.oneof(
  fc.constant(null),
  fc.string({ unit: 'binary' }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
);

describe('a cursor', () => {
  test('comes back as it went, and fits into a URL as it is', () => {
    fc.assert(
      fc.property(key, fc.string(), fc.string(), (at, source, id) => {
        const text = encodeCursor({ key: at, source, id }, '-sent');

        expect(encodeURIComponent(text)).toBe(text);
        expect(decodeCursor(text, '-sent')).toEqual({ key: at, source, id });
      }),
    );
  });

  test('of another order is refused, and both orders are named', () => {
    const text = encodeCursor({ key: 1, source: 's', id: 'i' }, '-sent');

    expect(() => decodeCursor(text, 'name')).toThrow(
      new InvalidRequest('cursor: expected a cursor made with sort=name, found one made with sort=-sent'),
    );
  });

  test.each([
    ['', 'no text'],
    ['!!!', 'no base64url'],
    [btoa('null'), 'no list'],
    [btoa('{}'), 'no list'],
    [btoa('[2,"-sent",1,"s","i"]'), 'a later version'],
    [btoa('[1,"-sent",1,"s"]'), 'too short'],
    [btoa('[1,"-sent",{},"s","i"]'), 'a key that is no key'],
    [btoa('[1,"-sent",1,2,"i"]'), 'a source that is no text'],
  ])('that is %j (%s) is refused', (text) => {
    expect(() => decodeCursor(text, '-sent')).toThrow(
      new InvalidRequest(`cursor: expected a next_cursor of an earlier answer, found ${JSON.stringify(text)}`),
    );
  });

  test('of any text is refused, or a cursor', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json().map(btoaUtf8)), (text) => {
        try {
          decodeCursor(text, '-sent');
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidRequest);
        }
      }),
    );
  });
});

function btoaUtf8(text: string): string {
  return Buffer.from(text).toString('base64url');
}
