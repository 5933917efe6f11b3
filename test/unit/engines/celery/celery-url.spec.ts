import { describe, expect, test } from '@jest/globals';
import { InvalidRequest } from '../../../../src/core/errors.js';
import { isCeleryUrl, parseCeleryUrl } from '../../../../src/engines/celery/celery-url.js';

describe('A Celery broker URL', () => {
  test.each([
    ['amqp://', { host: 'localhost', port: 5672, username: 'guest', password: 'guest', virtualHost: '/' }],
    ['amqp://h', { host: 'h', virtualHost: '/' }],
    ['amqp://u:p%40w@h:1234/v%2Fh', { host: 'h', port: 1234, username: 'u', password: 'p@w', virtualHost: 'v/h' }],
    ['pyamqp://u@h//', { username: 'u', virtualHost: '/' }],
    ['amqp://[::1]:5/x', { host: '::1', port: 5, virtualHost: 'x' }],
    ['amqps://h/x?heartbeat=5', { port: 5671, heartbeatSeconds: 5, tls: expect.objectContaining({ verify: true }) }],
    ['amqp://h/x?ssl=true&ssl_cert_reqs=CERT_NONE', { port: 5671, tls: expect.objectContaining({ verify: false }) }],
  ])('%s', (url, settings) => {
    expect(parseCeleryUrl(url)).toMatchObject({ kind: 'amqp', settings });
    expect(isCeleryUrl(url)).toBe(true);
  });

  test.each([
    ['redis://h:1/2', { topology: { kind: 'single', host: 'h', port: 1 }, database: 2 }],
    ['redis+socket:///run/r.sock?virtual_host=3', { topology: { kind: 'socket', path: '/run/r.sock' }, database: 3 }],
    [
      'sentinel://:pw@a:26379;sentinel://b:26380/4?master_name=mine',
      {
        topology: {
          kind: 'sentinel',
          master: 'mine',
          sentinels: [
            { host: 'a', port: 26379 },
            { host: 'b', port: 26380 },
          ],
        },
        password: 'pw',
        database: 4,
      },
    ],
  ])('%s', (url, settings) => {
    expect(parseCeleryUrl(url)).toMatchObject({ kind: 'redis', settings });
  });

  test.each([
    'amqp://u:secret@h/x?nonsense=1',
    'sentinel://:secret@h:1/0',
    'amqp://u:%zzsecret@h',
    'amqp://u:secret@h?heartbeat=0',
  ])('%s is refused without repeating the password', (url) => {
    let refusal: unknown = null;
    try {
      parseCeleryUrl(url);
    } catch (error) {
      refusal = error;
    }

    expect(refusal).toBeInstanceOf(InvalidRequest);
    expect(String(refusal)).not.toContain('secret');
  });
});
