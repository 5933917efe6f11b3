import { describe, expect, test } from '@jest/globals';
import { REDACTED, redactor } from '../../../src/core/redaction.js';

const redact = redactor(['patient_id']);

describe('redaction', () => {
  test('replaces what stands under a telling key, however it is written and however deep', () => {
    expect(
      redact({ user: 'ada', Password: 'x', nested: [{ 'api-key': 1, patientId: 7, clientSecret: { a: 1 } }] }),
    ).toEqual({
      user: 'ada',
      Password: REDACTED,
      nested: [{ 'api-key': REDACTED, patientId: REDACTED, clientSecret: REDACTED }],
    });
  });

  test('takes credentials out of URLs and headers inside text', () => {
    expect(redact('connect to amqp://guest:s3cret@host/ with Bearer abcdef123456')).toBe(
      `connect to amqp://${REDACTED}@host/ with Bearer ${REDACTED}`,
    );
  });

  test('hands back the very same value where there is nothing to hide', () => {
    const value = { a: [1, 'two', { three: null }] };

    expect(redact(value)).toBe(value);
  });

  test('keeps a key named __proto__ an ordinary key', () => {
    const hostile: unknown = JSON.parse('{"__proto__": {"polluted": true}, "token": "x"}');
    const shown = redact(hostile);

    expect(JSON.stringify(shown)).toBe(`{"__proto__":{"polluted":true},"token":"${REDACTED}"}`);
    expect('polluted' in {}).toBe(false);
  });

  test('ends at a depth that no honest payload has', () => {
    let deep: unknown = 'bottom';
    for (let level = 0; level < 5_000; level += 1) deep = [deep];

    expect(JSON.stringify(redact(deep))).toContain('nested too deeply');
  });
});
