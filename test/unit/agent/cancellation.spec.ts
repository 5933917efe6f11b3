import { describe, expect, test } from '@jest/globals';
import { abort, abortSignal, cancellable, TaskRevoked } from '../../../agent/cancellation.js';
import { parseRequest } from '../../../agent/control-listener.js';

describe('cancellation', () => {
  test('aborts the signal of the one job that is meant', () => {
    const [one, other] = [{}, {}];
    const signals = [abortSignal(one), abortSignal(other)];

    expect(abort(one, new TaskRevoked('stop'))).toBe(true);

    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(signals[0]?.reason).toBeInstanceOf(TaskRevoked);
  });

  test('says so where the processor took no signal', () => {
    expect(abort({}, new TaskRevoked('stop'))).toBe(false);
  });

  test('gives a cancellable processor one parameter: Bull takes two for a callback', async () => {
    const processor = cancellable(async (job: { readonly id: number }, signal) => [job.id, signal.aborted]);

    expect(processor).toHaveLength(1);
    expect(await processor({ id: 7 })).toEqual([7, false]);
  });
});

describe('a request', () => {
  const request = {
    version: 1,
    requestId: 'r1',
    command: 'cancel',
    engine: 'bull',
    prefix: 'bull',
    queue: 'a:b',
    jobId: '7',
    signal: 'SIGTERM',
  };

  test('is understood as it was sent', () => {
    expect(parseRequest(JSON.stringify(request))).toEqual(request);
  });

  test.each([
    ['no JSON', '{'],
    ['no object', '7'],
    ['another version', JSON.stringify({ ...request, version: 2 })],
    ['another command', JSON.stringify({ ...request, command: 'shutdown' })],
    ['an answer key of somebody else', JSON.stringify({ ...request, requestId: 'x} {y' })],
    ['no job', JSON.stringify({ ...request, jobId: 7 })],
    ['a flood', JSON.stringify({ ...request, queue: 'x'.repeat(10_000) })],
  ])('is ignored when it is %s', (_, message) => {
    expect(parseRequest(message)).toBeNull();
  });
});
