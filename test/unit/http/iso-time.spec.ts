import { describe, expect, test } from '@jest/globals';
import { epochSeconds, isoTime, seconds } from '../../../src/http/iso-time.js';

describe('a time', () => {
  test.each([
    [0, '1970-01-01T00:00:00.000Z'],
    [1767349800123.7, '2026-01-02T10:30:00.123Z'],
    [null, null],
    [Number.NaN, null],
    [Number.POSITIVE_INFINITY, null],
    [8.64e15 + 1, null],
    [-1e300, null],
  ])('of %p milliseconds is told as %p', (ms, text) => {
    expect(isoTime(ms)).toBe(text);
  });

  test('in seconds keeps its fraction', () => {
    expect([epochSeconds(1500), epochSeconds(null), seconds(109.055 * 2 + 3e-14)]).toEqual([1.5, null, 0.21811]);
  });
});
