import { describe, expect, test } from '@jest/globals';
import { PayloadRedaction } from '../../../src/core/payload-redaction.js';
import { REDACTED, redactor } from '../../../src/core/redaction.js';
import { taskEvent } from '../../../src/core/task-event.js';
import { aTaskDetail, NOON } from '../../support/builders.js';

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

  test('takes secrets out of keys, too', () => {
    expect(redact({ sessions: { 'eyJhbGciOiJI.CANARYCANARY.CANARYCANARY': { user: 'ada' } } })).toEqual({
      sessions: { [REDACTED]: { user: 'ada' } },
    });
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

describe('secrets inside text', () => {
  test.each([
    'login failed for ada, password=CANARY',
    "{'user': 'ada', 'db_password': 'CANARY'}",
    '{"api_key":"CANARY"}',
    "connect(host='x', secret = 'CANARY with spaces')",
    'Authorization: Bearer CANARY-CANARY',
    'session_id: CANARY; path=/',
    'postgres://user:CANARY@db/x',
    'redis://:CANARY@h:6379',
    'amqp://u:p@CANARY@host/',
    'key eyJhbGciOiJI.CANARYCANARY.CANARYCANARY used',
    'jwt-eyJhbGciOiJI.CANARYCANARY.CANARYCANARY',
    'AKIACANARY0123456789',
    'ghp_CANARYCANARYCANARYCANARY',
    'glpat-CANARYCANARYCANARY',
    'xoxb-CANARY-CANARY-CANARY',
    'sk_live_CANARYCANARY',
    'tsk_0123abcd_CANARYCANARYCANARYCANARY',
    '-----BEGIN RSA PRIVATE KEY-----\nCANARYCANARY\n-----END RSA PRIVATE KEY-----',
    'escaped {\\"token\\": \\"CANARY\\"}',
  ])('%s is shown without it', (text) => {
    expect(redact(text)).not.toContain('CANARY');
    expect(redact(redact(text))).toBe(redact(text));
  });

  test.each([
    'max_tokens is 5',
    'a passing test',
    'the session began',
    'https://host/path?a=b',
    'a basic error',
    'Unexpected token <',
  ])('"%s" has none and stays as it is', (text) => {
    expect(redact(text)).toBe(text);
  });

  test('of a form that the settings name are replaced wherever they stand', () => {
    const custom = redactor([], [/patient-\d{4}/gu]);

    expect(custom(['about patient-1234, not patient-12', { note: 'patient-9999' }])).toEqual([
      `about ${REDACTED}, not patient-12`,
      { note: REDACTED },
    ]);
  });

  test('are looked for in time that grows with the length alone', () => {
    // Where it grew with the square, the test's own time would not be enough.
    for (const part of ['a_', 'x://y:', 'token', 'eyJ', '-eyJ', 'eyJ.', '-----BEGIN ', "password='", 'A:']) {
      const text = `secret ${part.repeat(200_000)}`;
      expect(typeof redact(text)).toBe('string');
    }
  });
});

describe('what is hidden of the tasks of some names', () => {
  const hidden = new PayloadRedaction(redactor(), [
    { tasks: ['billing.*'], hide: true },
    { tasks: ['mail'], hide: redactor(['address']) },
  ]);

  test('is hidden of these alone', () => {
    const payload = {
      args: [{ address: 'a@b' }],
      result: 'ok',
      traceback: 'at line 1',
      raw: { opts: { address: 'c' } },
    };

    expect(hidden.detail(aTaskDetail({ ...payload, name: 'billing.charge' }))).toMatchObject({
      args: REDACTED,
      result: REDACTED,
      traceback: REDACTED,
    });
    expect(hidden.detail(aTaskDetail({ ...payload, name: 'mail' }))).toMatchObject({
      args: [{ address: REDACTED }],
      result: 'ok',
      raw: { opts: { address: REDACTED } },
    });
    expect(hidden.detail(aTaskDetail({ ...payload, name: 'mailing' }))).toMatchObject(payload);
  });

  test('is hidden where the name is not known, for it might be one of these', () => {
    const event = taskEvent('task-succeeded', 'a', NOON, { value: { total: 1 } });

    expect(hidden.event(event, null).value).toBe(REDACTED);
    expect(hidden.event(event, 'mailing').value).toEqual({ total: 1 });
    expect(hidden.event(event, 'billing.x').value).toBe(REDACTED);
  });
});
