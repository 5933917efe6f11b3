import { describe, expect, test } from '@jest/globals';
import { describeFailure, isBullTimeout } from '../../../agent/task-failure.js';

class QuotaExceeded extends Error {}

describe('a failure', () => {
  test.each([
    [
      'an error with a name',
      Object.assign(new Error('no'), { name: 'MailServerBusy' }),
      { type: 'MailServerBusy', message: 'no' },
    ],
    ['a subclass that keeps the name Error', new QuotaExceeded('no'), { type: 'QuotaExceeded', message: 'no' }],
    ['a plain error', new Error('no'), { type: 'Error', message: 'no' }],
    [
      'a name that is a sentence',
      Object.assign(new Error('no'), { name: 'user 4711 not found' }),
      { type: 'Error', message: 'no' },
    ],
    ['a string', 'no', { type: 'Error', message: 'no' }],
    ['nothing', undefined, { type: 'Error', message: 'rejected without a reason' }],
    [
      'what crossed from a child process',
      { message: 'no', name: 'RangeError', stack: '' },
      { type: 'RangeError', message: 'no' },
    ],
  ])('is told by class and message: %s', (_, failure, told) => {
    expect(describeFailure(failure)).toEqual(told);
  });

  test('has a bounded message, and one that cannot be text is shown', () => {
    expect(describeFailure(new Error('x'.repeat(5_000))).message).toHaveLength(1_000);
    expect(describeFailure({ message: { code: 5 } }).message).toBe('{ code: 5 }');
  });

  test('is a time-out of Bull only where it is the job’s own limit', () => {
    const timeout = (message: string): Error => Object.assign(new Error(message), { name: 'TimeoutError' });

    expect(isBullTimeout(timeout('Promise timed out after 200 milliseconds'), 200)).toBe(true);
    expect(isBullTimeout(timeout('Promise timed out after 200 milliseconds'), undefined)).toBe(false);
    expect(isBullTimeout(timeout('The operation was aborted due to timeout'), 200)).toBe(false);
  });
});
