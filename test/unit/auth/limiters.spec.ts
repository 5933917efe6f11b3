import { describe, expect, test } from '@jest/globals';
import { localPath } from '../../../src/access/local-path.js';
import { AddressList } from '../../../src/auth/address-list.js';
import { GcraLimiter } from '../../../src/auth/gcra-limiter.js';
import { networkOf } from '../../../src/core/client-network.js';

describe('a limit of so many in so long', () => {
  test('allows a burst, then one whenever one is refilled, and each key its own', () => {
    let now = 0;
    const limiter = new GcraLimiter({ limit: 3, perMs: 300 }, () => now);

    expect([limiter.take('a'), limiter.take('a'), limiter.take('a')]).toEqual([0, 0, 0]);
    expect(limiter.take('a')).toBe(100);
    expect(limiter.take('b')).toBe(0);
    now = 100;
    expect(limiter.take('a')).toBe(0);
    expect(limiter.take('a')).toBe(100);
  });

  test('remembers no more keys than it may', () => {
    const limiter = new GcraLimiter({ limit: 1, perMs: 1000 }, () => 0);
    for (let at = 0; at < 100_000; at += 1) limiter.take(`key-${at}`);

    expect(limiter.size).toBeLessThanOrEqual(20_000);
    expect(limiter.take('key-99999')).toBeGreaterThan(0);
  });
});

describe('the place that a limit counts for', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['unknown', 'unknown'],
  ])('of %s is %s', (address, place) => {
    expect(networkOf(address)).toBe(place);
  });
});

describe('a list of addresses', () => {
  const list = new AddressList(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32']);

  test.each([
    ['10.1.2.3', true],
    ['::ffff:10.1.2.3', true],
    ['192.0.2.1', true],
    ['192.0.2.2', false],
    ['11.0.0.1', false],
    ['2001:db8::5', true],
    ['2001:db9::5', false],
    ['10.0.0.1, 8.8.8.8', false],
    ['localhost', false],
    [undefined, false],
  ])('has %s: %s', (address, known) => {
    expect(list.has(address)).toBe(known);
  });

  test.each(['10.0.0.0/33', '10.0.0', 'example.org', '10.0.0.0/8/8', ''])('is not made of "%s"', (entry) => {
    expect(() => new AddressList([entry])).toThrow('expected an address or a network');
  });
});

describe('where to go after signing in', () => {
  test.each([
    ['/flower/tasks?q=1#x', '/flower/tasks?q=1#x'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['/./\\evil.example', '/'],
    ['/.//evil.example', '/'],
    ['https://evil.example', '/'],
    ['javascript:alert(1)', '/'],
    [undefined, '/'],
    [['/a', '/b'], '/'],
  ])('%o leads to %s', (next, path) => {
    expect(localPath(next)).toBe(path);
  });
});
