import { describe, expect, test } from '@jest/globals';
import { partsOfSignature, signatureOf } from '../../../src/history/failure-signature.js';

const messageOf = (message: string): string =>
  partsOfSignature(signatureOf({ state: 'FAILURE', error: { type: 'E', message } }) ?? '').message;

describe('the signature of a failure', () => {
  test.each([
    ['row 17 of 2000', 'row 99 of 3', 'row <n> of <n>'],
    ["no model 'ridge' here", "no model 'forest' here", 'no model <text> here'],
    [
      'user 0d8cf1aa-31c5-4f0e-9f43-0a3b5f6f7a10 gone',
      'user 1d8cf1aa-31c5-4f0e-9f43-0a3b5f6f7a11 gone',
      'user <id> gone',
    ],
    ['GET https://a.example/x?y=1 failed', 'GET http://b.example failed', 'GET <url> failed'],
    ['mail to ann@example.org bounced', 'mail to bob.b@mail.example.com bounced', 'mail to <address> bounced'],
    ['at 2026-01-02T10:30:00Z', 'at 2025-12-31 23:59:59.123', 'at <time>'],
    ['object at 0x7f3a', 'object at 0x1', 'object at <n>'],
    ['first line\nsecond 1', 'first line\nother', 'first line'],
  ])('is the same for %p and %p', (one, other, message) => {
    expect(messageOf(one)).toBe(message);
    expect(messageOf(other)).toBe(message);
  });

  test('tells different causes apart', () => {
    expect(messageOf('connection reset')).not.toBe(messageOf('connection refused'));
  });

  test('is there only for what failed, and is bounded', () => {
    expect(signatureOf({ state: 'SUCCESS', error: null })).toBeNull();
    expect(signatureOf({ state: 'STARTED', error: { type: 'E', message: 'm' } })).toBeNull();
    expect(signatureOf({ state: 'RETRY', error: { type: 'E', message: 'm' } })).toBe('E\nm');
    expect(messageOf('x '.repeat(10_000)).length).toBeLessThanOrEqual(160);
  });
});
