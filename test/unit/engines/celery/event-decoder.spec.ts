import { describe, expect, test } from '@jest/globals';
import { LiveState } from '../../../../src/core/live-state.js';
import type { Transition } from '../../../../src/core/transition.js';
import { capturedEvents } from '../../../support/celery-captures.js';
import { Decoding } from '../../../support/celery-decoding.js';

function decoded(capture: string): Decoding {
  const decoding = new Decoding();
  for (const { payload } of capturedEvents(capture)) decoding.payload(payload);
  return decoding;
}

function outcomes(decoding: Decoding): Record<string, number> {
  const live = new LiveState({ maxTasks: 10_000, maxBytes: 1e9 });
  const transitions: Transition[] = [];
  for (const event of decoding.tasks()) live.apply('s', 'celery', event, transitions);
  const counts: Record<string, number> = {};
  for (const { kind, outcome } of transitions) {
    if (kind === 'finished' && outcome !== null) counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

describe('Recorded events of real workers', () => {
  test('are all understood', () => {
    for (const capture of ['events-5.2.6', 'events-main', 'events-reconnect', 'channel-variants']) {
      expect(decoded(capture).rejected()).toEqual([]);
    }
  });

  test('count every finished attempt once', () => {
    expect(outcomes(decoded('events-5.2.6'))).toEqual({
      success: 69,
      failure: 7,
      retry: 4,
      revoked: 5,
      rejected: 1,
    });
  });

  test('count a rejection and a hard time limit once, although newer Celery tells each twice', () => {
    const decoding = decoded('events-main');
    const rejected = decoding.tasks().find((event) => event.kind === 'task-rejected');
    const hard = decoding.tasks().filter((event) => event.timedOut && event.error?.type === 'TimeLimitExceeded');

    expect(decoding.tasks(rejected?.id).map((event) => event.kind)).not.toContain('task-failed');
    expect(hard.length).toBe(2);
    const live = new LiveState({ maxTasks: 100, maxBytes: 1e9 });
    const transitions: Transition[] = [];
    for (const event of decoding.tasks(hard[0]?.id)) live.apply('s', 'celery', event, transitions);
    expect(transitions.filter((transition) => transition.kind === 'finished')).toHaveLength(1);
  });

  test('keep the sender out of the workers', () => {
    const decoding = decoded('events-5.2.6');

    expect([...decoding.workers.all()].map((worker) => worker.name).sort()).toEqual(['w1@vm', 'w2@vm']);
    expect(decoding.tasks().find((event) => event.kind === 'task-sent')?.worker).toBeNull();
  });

  test('name queues by what was sent', () => {
    const decoding = decoded('events-5.2.6');

    expect(decoding.queues.all()).toEqual(['celery']);
  });

  test('show whatever is in a failure: class, message in Python’s own quotes, and time limits behind their wrapper', () => {
    const errors = decoded('events-5.2.6')
      .tasks()
      .flatMap((event) => (event.kind === 'task-failed' ? [{ ...event.error, timedOut: event.timedOut }] : []));

    expect(errors).toEqual(
      expect.arrayContaining([
        { type: 'ValueError', message: 'b\u00e4d \u2717', timedOut: false },
        { type: 'MyErr', message: 'attempt 2', timedOut: false },
        { type: 'SoftTimeLimitExceeded', message: '', timedOut: true },
        { type: 'TimeLimitExceeded', message: '2,', timedOut: true },
        { type: 'NotRegistered', message: 'no.such.task', timedOut: false },
      ]),
    );
  });
});

describe('An event', () => {
  test('is timed by the raw timestamp, whatever the offset says', () => {
    const decoding = new Decoding();

    decoding.event('task-started', { uuid: 'a', timestamp: 1795232780.25, utcoffset: -9 });

    expect(decoding.tasks()).toEqual([expect.objectContaining({ at: 1795232780250, occurrence: 1795232780250 })]);
  });

  test('of a retry does not make the task its own parent', () => {
    const decoding = new Decoding();

    decoding.event('task-received', { uuid: 'a', name: 'n', parent_id: 'a', root_id: 'r' });

    expect(decoding.notes.get('a')).toMatchObject({ parentId: null, rootId: 'r' });
  });

  test('of rejection with requeue leaves the task waiting', () => {
    const decoding = new Decoding();
    const live = new LiveState({ maxTasks: 10, maxBytes: 1e6 });

    decoding.event('task-started', { uuid: 'a', timestamp: 1795232780.1 });
    decoding.event('task-rejected', { uuid: 'a', timestamp: 1795232780.2, requeue: true });
    for (const event of decoding.tasks()) live.apply('s', 'celery', event, []);

    expect(decoding.tasks().map((event) => event.kind)).toEqual(['task-started', 'task-rejected', 'task-requeued']);
    expect(live.get('s', 'a')?.state).toBe('PENDING');
  });

  test('of the application’s own making is progress, without secrets', () => {
    const decoding = new Decoding();

    decoding.event('task-progress', { uuid: 'a', step: 1, password: 'hunter2' });
    decoding.event('task-moved', { uuid: 'a', to: 'b' });

    expect(decoding.tasks().map((event) => event.value)).toEqual([
      { step: 1, password: '[redacted]' },
      { event: 'task-moved', to: 'b' },
    ]);
  });

  test('with a result that is plain data carries it as JSON, any other as marked text', () => {
    const decoding = new Decoding();
    const long = `'${'x'.repeat(1020)}...`;

    decoding.event('task-succeeded', {
      uuid: 'a',
      result: "{'n': 1, 'ok': True, 'none': None, 't': (1, 2.5)}",
      runtime: 0.5,
    });
    decoding.event('task-succeeded', { uuid: 'b', result: '<Thing at 0x1>', runtime: 0.5 });
    decoding.event('task-succeeded', { uuid: 'c', result: long, runtime: 0.5 });

    expect(decoding.tasks().map((event) => event.value)).toEqual([
      { n: 1, ok: true, none: null, t: [1, 2.5] },
      { repr: '<Thing at 0x1>', truncated: false },
      { repr: long, truncated: true },
    ]);
    expect(decoding.tasks()[0]?.runtimeMs).toBe(500);
  });

  test('whose text cannot be parsed still keeps its secrets', () => {
    const decoding = new Decoding();
    const texts = [
      "{'a': <Thing>, 'password': 'hunter2', 'n': 1}",
      "{'a': <Thing>, 'api_key': \"hunter2\\\" more hunter2\", 'n': {'token': hunter2}}",
      "{'a': <Thing>, 'credentials': {'user': 'hunter2'}}",
      "{'a': <Thing>, 'secret': 'hunter2 cut...",
    ];

    for (const [at, result] of texts.entries()) decoding.event('task-succeeded', { uuid: `${at}`, result });

    expect(JSON.stringify(decoding.tasks())).not.toContain('hunter2');
    expect(decoding.tasks('0')[0]?.value).toEqual({
      repr: "{'a': <Thing>, 'password': '[redacted]', 'n': 1}",
      truncated: false,
    });
  });

  test('of a worker’s second life replaces the first, and the first’s late words change nothing', () => {
    const decoding = new Decoding();

    decoding.event('worker-online', { pid: 1, timestamp: 100, freq: 2, active: 0, processed: 0, sw_ver: '5.2.6' });
    decoding.event('worker-online', { pid: 2, timestamp: 200, freq: 2, active: 0, processed: 0, sw_ver: '5.2.6' });
    decoding.event('task-started', { pid: 1, uuid: 'a', timestamp: 150 });

    expect(decoding.workers.get('w@h')?.incarnation.pid).toBe(2);
    expect(decoding.told.map(({ kind }) => kind)).toEqual(['worker-online', 'worker-online']);
  });

  test('of a task that ends after its worker’s goodbye does not call the worker back', () => {
    const decoding = new Decoding();
    const gone = (): boolean | undefined => decoding.workers.get('w@h')?.saidGoodbye;
    const counts = { freq: 2, active: 1, processed: 1 };

    decoding.event('worker-online', { timestamp: 100, ...counts });
    decoding.event('worker-offline', { timestamp: 200, ...counts });
    decoding.event('task-succeeded', { uuid: 'a', timestamp: 203 });
    decoding.event('worker-heartbeat', { timestamp: 198, ...counts });
    expect(gone()).toBe(true);

    decoding.event('worker-online', { timestamp: 300, ...counts });
    decoding.event('worker-offline', { timestamp: 299, ...counts });
    expect(gone()).toBe(false);
  });

  test('after a goodbye tells that the worker has lost its broker in between, also where its hello was not heard', () => {
    const decoding = new Decoding();
    const counts = { freq: 2, active: 1, processed: 1 };

    decoding.event('worker-online', { timestamp: 100, ...counts });
    decoding.event('worker-offline', { timestamp: 200, ...counts });
    decoding.decoder.at(5, 205_000);
    decoding.event('worker-heartbeat', { timestamp: 204, ...counts });

    expect(decoding.workers.get('w@h')?.incarnation.reconnectedAt).toBe(205_000);
  });

  test('of an old life’s goodbye does not send the new one away', () => {
    const decoding = new Decoding();

    decoding.event('worker-online', { pid: 2, timestamp: 200, freq: 2, active: 0, processed: 0 });
    decoding.event('worker-offline', { pid: 1, timestamp: 201, freq: 2, active: 0, processed: 9 });

    expect(decoding.workers.get('w@h')).toMatchObject({ saidGoodbye: false, incarnation: { pid: 2, processed: 0 } });
  });

  test('that we asked for tells no counts, and its period is not believed', () => {
    const decoding = new Decoding();

    decoding.event('worker-heartbeat', { freq: 2.0, active: 1, processed: 9 });
    decoding.event('worker-heartbeat', { freq: 5 });

    expect(decoding.workers.get('w@h')).toMatchObject({
      heartbeatSeconds: 2,
      incarnation: expect.objectContaining({ processed: 9, active: 1 }),
    });
  });
});

describe('A message that cannot be used', () => {
  const inBase64 = (body: string): Buffer =>
    Buffer.from(
      JSON.stringify({
        body: Buffer.from(body).toString('base64'),
        'content-type': 'application/json',
        properties: { body_encoding: 'base64' },
      }),
    );

  test.each([
    ['malformed', Buffer.from('no JSON at all')],
    [
      'malformed',
      Buffer.from('{"body": "bm8gSlNPTg==", "content-type": "application/json", "body_encoding": "base64"}'),
    ],
    ['malformed', inBase64('[1, 2')],
    ['malformed', inBase64('{"type": "task-started", "hostname": "w", "timestamp": "soon", "uuid": "a"}')],
    ['malformed', inBase64('{"type": "task-started", "hostname": "w", "timestamp": 1}')],
    ['opaque', Buffer.from('{"body": "gAR9lC4=", "content-type": "application/x-python-serialize", "properties": {}}')],
    ['oversized', Buffer.alloc(9 * 1024 * 1024, 'x')],
    [
      'too-deep',
      inBase64(
        `{"type": "task-x", "hostname": "w", "timestamp": 1, "uuid": "a", "v": ${'['.repeat(9000)}${']'.repeat(9000)}}`,
      ),
    ],
  ])('is counted as %s', (reason, payload) => {
    const decoding = new Decoding();

    decoding.payload(payload);
    decoding.event('task-started', { uuid: 'next' });

    expect(decoding.rejected()).toEqual([expect.objectContaining({ reason })]);
    expect(decoding.tasks('next')).toHaveLength(1);
  });

  test('an empty batch is none', () => {
    const decoding = new Decoding();

    decoding.payload(inBase64('[]'));

    expect(decoding.out).toEqual([]);
  });

  test('names from the prototype are ordinary names', () => {
    const decoding = new Decoding();

    decoding.payload(
      inBase64(
        '{"type": "task-x", "hostname": "__proto__", "pid": 1, "timestamp": 1, "uuid": "__proto__", "__proto__": {"polluted": 1}}',
      ),
    );
    decoding.event('task-received', { uuid: 'toString', name: 'constructor', hostname: 'toString' });

    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect(decoding.tasks('toString')).toHaveLength(1);
    expect(decoding.rejected()).toEqual([]);
  });
});
