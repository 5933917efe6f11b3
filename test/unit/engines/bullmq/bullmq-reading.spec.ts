import { describe, expect, test } from '@jest/globals';
import { queueKeysOfClients, workerConnections } from '../../../../src/engines/bullmq/bullmq-client-list.js';
import { taskError } from '../../../../src/engines/bullmq/bullmq-error.js';
import { briefJob } from '../../../../src/engines/bullmq/bullmq-job-hash.js';
import { BullmqQueueRegistry } from '../../../../src/engines/bullmq/bullmq-queue-registry.js';
import { heldBack } from '../../../../src/engines/bullmq/bullmq-rate-limit.js';
import { nextRunIds, readSchedule } from '../../../../src/engines/bullmq/bullmq-schedule.js';
import { compareStreamIds, readStreamEntry } from '../../../../src/engines/bullmq/bullmq-stream-entry.js';
import { CronRuns } from '../../../../src/engines/jobs/cron-runs.js';
import { stackOfAttempt } from '../../../../src/engines/jobs/job-error.js';
import { readNextRun } from '../../../../src/engines/jobs/schedule-runs.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const NOON = Date.UTC(2026, 0, 2, 12);

function queues(...keys: string[]): BullmqQueueRegistry {
  const registry = new BullmqQueueRegistry([]);
  for (const key of keys) registry.add(key);
  return registry;
}

describe('Stream entries', () => {
  test('are read whatever the order of their fields', () => {
    expect(readStreamEntry(['17-3', ['jobId', 'a:b', 'event', 'delayed', 'delay', '1700000000000.25']])).toEqual({
      id: '17-3',
      at: 17,
      kind: 'delayed',
      jobId: 'a:b',
      prev: null,
      name: null,
      due: 1_700_000_000_000,
      text: null,
    });
  });

  test("of an application's own making, or without a job, are none of ours but keep their place", () => {
    expect(readStreamEntry(['1-0', ['event', 'my-event', 'jobId', '1']])?.kind).toBe('other');
    expect(readStreamEntry(['1-0', ['event', 'completed']])?.kind).toBe('other');
    expect(readStreamEntry(['1-0', ['event', 'completed', 'jobId', 'x'.repeat(600)]])?.kind).toBe('other');
    expect(readStreamEntry('nonsense')).toBeNull();
  });

  test('are ordered by number, not by text', () => {
    expect(compareStreamIds('9-9', '10-0')).toBeLessThan(0);
    expect(compareStreamIds('10-10', '10-9')).toBeGreaterThan(0);
    expect(compareStreamIds('10-1', '10-1')).toBe(0);
  });
});

describe('Queues and ids', () => {
  test('a prefix may hold colons, a name cannot', () => {
    const [queue] = queues('tenant:7:mail').all();
    expect(queue).toMatchObject({ prefix: 'tenant:7', name: 'mail', label: 'mail', key: 'tenant:7:mail' });
  });

  test('a second queue of a name is called by its prefix, and its ids are taken apart again', () => {
    const registry = queues('bull:mail', 'other:mail');
    expect(registry.all().map(({ label }) => label)).toEqual(['mail', 'other:mail']);
    expect(registry.readings('other:mail:repeat:x:5').map(({ queue, jobId }) => [queue.key, jobId])).toEqual([
      ['other:mail', 'repeat:x:5'],
    ]);
    expect(registry.taskIdOfKey('bull:mail:repeat:x:5')).toBe('mail:repeat:x:5');
    expect(registry.taskIdOfKey('bull:unknown:5')).toBeNull();
  });

  test('only stated prefixes are taken, where any are stated', () => {
    expect(new BullmqQueueRegistry(['app']).add('bull:mail')).toBeNull();
    expect(new BullmqQueueRegistry(['app']).add('app:mail')?.label).toBe('mail');
  });
});

describe("Workers' connections", () => {
  const registry = queues('bull:abc', 'bull:abcdef', 'bull:a+b');
  const line = (name: string): string => `id=3 addr=10.0.0.7:5123 laddr=x name=${name} age=60 idle=0 cmd=bzpopmin`;

  test('are matched whole, encoded or plain, with or without a name of their own', () => {
    const list = [
      line(`bull:${base64('abcdef')}`),
      line(`bull:${base64('abc')}:w:press one`.replace(' ', '_')),
      line('bull:abc'),
      line(`bull:${base64('abc')}:qe`),
      line('bull:abc:qe'),
      line(''),
      line('elsewhere'),
    ].join('\n');
    const found = workerConnections(list, registry.all());
    expect(found.map(({ queue, workerName }) => [queue.name, workerName])).toEqual([
      ['abcdef', null],
      ['abc', 'press_one'],
      ['abc', null],
    ]);
    expect(found[0]).toMatchObject({ address: '10.0.0.7:5123', ageSeconds: 60 });
  });

  test('tell the key of a queue that nobody has seen yet', () => {
    expect(queueKeysOfClients([line(`app:${base64('new one')}:w:x`), line('app:plain-name')].join('\n'))).toEqual([
      'app:new one',
      'app:plain-name',
    ]);
  });
});

describe('Jobs', () => {
  test('of version 4 count starts, and say nothing of ends', () => {
    expect(briefJob(['n', '5', '{"attempts":3}', null, null, '2'])).toMatchObject({
      started: 2,
      ended: null,
      maxAttempts: 3,
    });
  });

  test('of later versions count both', () => {
    expect(briefJob(['n', '5', '{"attempts":3,"delay":10}', '1', '2', null])).toMatchObject({
      started: 2,
      ended: 1,
      eta: 15,
    });
    expect(briefJob(['n', '5', '{}', null, '1', null])).toMatchObject({ started: 1, ended: 0 });
    expect(briefJob([null, null, null])).toBeNull();
  });

  test('fail with the class in their stack, believed only where the message follows it', () => {
    expect(taskError('boom', 'TypeError: boom\n    at x')).toEqual({ type: 'TypeError', message: 'boom' });
    expect(taskError('boom', 'password=hunter2: something else')).toEqual({ type: 'Error', message: 'boom' });
    expect(taskError(null, 'RangeError: too far\n    at x')).toEqual({ type: 'RangeError', message: 'too far' });
    expect(taskError('job stalled more than allowable limit', null).type).toBe('StalledError');
  });

  test('keep the newest stacks only', () => {
    expect(stackOfAttempt(['third', 'fourth'], 4, 4)).toBe('fourth');
    expect(stackOfAttempt(['third', 'fourth'], 3, 4)).toBe('third');
    expect(stackOfAttempt(['third', 'fourth'], 1, 4)).toBeNull();
  });
});

describe('A used-up rate', () => {
  test('holds back for what is left of its period', () => {
    const rate = { tasks: 5, periodMs: 1_000 };
    expect(heldBack(rate, 5, 400)).toBe(400);
    expect(heldBack(rate, 4, 400)).toBe(0);
    expect(heldBack(rate, null, -2)).toBe(0);
  });

  test('is known without a stored limit only where a worker has asked to wait', () => {
    expect(heldBack(null, Number.MAX_SAFE_INTEGER, 400)).toBe(400);
    expect(heldBack(null, 3, 400)).toBeNull();
  });
});

describe('Schedules', () => {
  const [queue] = queues('bull:mail').all();
  if (!queue) throw new Error('no queue');

  test('of a scheduler are in its hash', () => {
    const entry = { member: 'nightly', nextAt: NOON };
    expect(
      readSchedule(queue, entry, ['report', '0 3 * * *', null, 'UTC'], { lastAt: NOON - 60_000 }, NOON, new CronRuns()),
    ).toEqual({
      id: 'nightly',
      name: 'mail.report',
      cron: '0 3 * * *',
      everyMs: null,
      timeZone: 'UTC',
      nextAt: NOON,
      lastAt: NOON - 60_000,
      missed: false,
      missedRuns: 0,
      // Without a count of its runs it is none of those that can be edited.
      editable: false,
    });
    expect(nextRunIds(entry)).toEqual([`repeat:nightly:${NOON}`]);
  });

  test('of a legacy repeatable are in its key, read from its end', () => {
    const entry = { member: 'a:b::::0 3 * * *', nextAt: NOON - 120_000 };
    expect(readSchedule(queue, entry, [null, null, null, null], null, NOON, new CronRuns())).toMatchObject({
      name: 'mail.a:b',
      cron: '0 3 * * *',
      missed: true,
      missedRuns: 1,
    });
    expect(nextRunIds(entry)).toHaveLength(2);
  });

  test('of a cron pattern have missed as many runs as it was due, by its time zone, counted a part at a time', () => {
    let spent = 0;
    const cronRuns = new CronRuns(() => spent++);
    const friday = Date.parse('2026-03-27T08:30:00Z');
    const due = (pattern: string, tz: string | null, now: string): number | null =>
      cronRuns.due(pattern, tz, friday, Date.parse(now));
    // Clocks go forward on the 29th: the run of Monday comes an hour earlier.
    expect(due('30 9 * * 1-5', 'Europe/Berlin', '2026-03-30T07:30:00Z')).toBe(2);
    expect(due('30 8 * * *', 'UTC', '2026-03-27T08:31:00Z')).toBe(1);
    expect(due('no pattern', null, '2026-03-27T08:31:00Z')).toBeNull();
    // 31 minutes by now, more than are counted in one second.
    expect(due('* * * * *', 'UTC', '2026-03-27T09:00:00Z')).toBeNull();
    expect(due('* * * * *', 'UTC', '2026-03-27T09:00:00.500Z')).toBeNull();
    expect(due('* * * * *', 'UTC', '2026-03-27T09:00:01Z')).toBe(31);
  });

  test('that nothing stands for have missed every run since the one that was due', () => {
    const entry = { member: 'a:b::::60000', nextAt: NOON - 150_000 };
    expect(readSchedule(queue, entry, [null, null, null, null], null, NOON, new CronRuns())).toMatchObject({
      everyMs: 60_000,
      missed: true,
      missedRuns: 3,
    });
  });

  test('ran last when the job for their next run was added, unless that is the first', () => {
    const options = (count: number): string => JSON.stringify({ repeat: { count, every: 1_000 } });
    expect(readNextRun([String(NOON), null, options(5)])).toEqual({ lastAt: NOON });
    expect(readNextRun([String(NOON), null, options(1)])).toEqual({ lastAt: null });
    expect(readNextRun([String(NOON), String(NOON + 5), options(5)])).toBeNull();
    expect(readNextRun([null, null, null])).toBeNull();
  });
});
