import { describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { BullmqJob } from '../../../agent/bullmq-worker.js';
import { attemptNumber, failedForGood, isBullmqWorker } from '../../../agent/bullmq-worker.js';
import { instrumentable } from '../../../agent/instrumentable.js';
import { connectionOf, locationOf } from '../../../agent/redis-location.js';
import { originalFailure, RevokedFailure, withoutRetry } from '../../../agent/revoked-failure.js';

const job = (its: Partial<BullmqJob>): BullmqJob => ({
  id: '1',
  name: 'job',
  timestamp: 0,
  attemptsMade: 1,
  opts: { attempts: 3 },
  ...its,
});

describe('an attempt at a BullMQ job', () => {
  test('has the number of its start, which version 4 keeps in another field', () => {
    expect(attemptNumber(job({ attemptsMade: 0, attemptsStarted: 4 }))).toBe(4);
    expect(attemptNumber(job({ attemptsMade: 2 }))).toBe(2);
    expect(attemptNumber(job({ attemptsMade: 0 }))).toBe(1);
  });

  test.each([
    ['was not tried often enough', job({}), false],
    ['was tried as often as asked', job({ attemptsMade: 3 }), true],
    ['was to be tried once', job({ opts: {} }), true],
    ['was finished by a backoff strategy', job({ finishedOn: 7 }), true],
  ])('that %s: final %s', (_, its, final) => {
    expect(failedForGood(its, new Error('no'))).toBe(final);
  });

  test('is final when its failure says so, and not because of an end before', () => {
    expect(failedForGood(job({}), Object.assign(new Error('no'), { name: 'UnrecoverableError' }))).toBe(true);
    expect(failedForGood(job({ finishedOn: 7 }), new Error('no'), 7)).toBe(false);
  });
});

describe('the failure of a revoked task', () => {
  test('has the name that keeps BullMQ from trying again, and all else of the original', () => {
    const original = new RangeError('too far');

    const failure = withoutRetry(original);

    expect(failure).toMatchObject({ name: 'UnrecoverableError', message: 'too far', stack: original.stack });
    expect(originalFailure(failure)).toBe(original);
    expect(withoutRetry('just text')).toMatchObject({ message: 'just text' });
  });

  test('is left alone where the processor has moved the job elsewhere', () => {
    const delayed = Object.assign(new Error('bullmq:movedToDelayed'), { name: 'DelayedError' });

    expect(withoutRetry(delayed)).toBe(delayed);
    expect(withoutRetry(new Error('busy'))).toBeInstanceOf(RevokedFailure);
  });
});

describe('the Redis of a BullMQ worker', () => {
  const location = (given: unknown): string | null => {
    const connection = connectionOf(given);
    return connection === null ? null : locationOf(connection);
  };

  test('is found in whatever the worker was given', () => {
    expect(location({ db: 2 })).toBe('127.0.0.1:6379, database 2');
    expect(location({ url: 'redis://redis.example:7000/1' })).toBe('redis.example:7000, database 1');
    expect(location({ path: '/run/redis.sock' })).toBe('/run/redis.sock, database 0');
    expect(location(new Redis({ host: 'redis.example', lazyConnect: true }))).toBe('redis.example:6379, database 0');
  });

  test('is not guessed where another client than ioredis reaches it', () => {
    expect(connectionOf({ connect: () => undefined, duplicate: () => undefined })).toBeNull();
    expect(connectionOf(undefined)).toBeNull();
  });
});

describe('what is no worker', () => {
  test('is refused by shape, before anything in it is touched', () => {
    expect(isBullmqWorker({ processJob: () => undefined })).toBe(false);
    expect(() => instrumentable({})).toThrow('a Worker of bullmq 4 to 6');
  });
});
