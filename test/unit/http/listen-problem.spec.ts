import { describe, expect, test } from '@jest/globals';
import { listenProblem } from '../../../src/auth/listen-problem.js';

const BARE = { insecure: false, authentication: false };

describe('without authentication', () => {
  test.each(['127.0.0.1', '127.1.2.3', 'localhost', 'LOCALHOST', '::1', '[::1]', '0:0:0:0:0:0:0:1'])(
    'the service may listen on %s',
    (host) => {
      expect(listenProblem(host, BARE)).toBeNull();
    },
  );

  test.each([
    '0.0.0.0',
    '::',
    '',
    '192.168.1.5',
    '10.0.0.1',
    '128.0.0.1',
    '::ffff:10.0.0.1',
    'fe80::1',
    'myhost',
    'localhost.example.com',
    '127.0.0.1.example.com',
    '2130706433',
  ])('the service must not listen on "%s"', (host) => {
    expect(listenProblem(host, BARE)).not.toBeNull();
  });

  test('the refusal says what was found and what to do', () => {
    expect(listenProblem('0.0.0.0', BARE)).toBe(
      'expected a loopback host such as 127.0.0.1, because there is no authentication, found "0.0.0.0"; ' +
        'listen on 127.0.0.1 behind something that authenticates, or start with --insecure if everybody who can reach this address may do everything',
    );
  });
});

describe('any address is fine', () => {
  test.each([
    { insecure: true, authentication: false },
    { insecure: false, authentication: true },
  ])('with %o', (options) => {
    expect(listenProblem('0.0.0.0', options)).toBeNull();
  });
});
