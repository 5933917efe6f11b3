import { describe, expect, test } from '@jest/globals';
import { celeryCapabilities } from '../../../../src/engines/celery/celery-capabilities.js';
import { CeleryWorker, Incarnation } from '../../../../src/engines/celery/celery-worker.js';
import { wireOf } from '../../../../src/engines/celery/command-wire.js';

function workerOf(version: string | null): CeleryWorker {
  const worker = new CeleryWorker('w@host', new Incarnation(1, 0), 0, 0);
  worker.version = version;
  return worker;
}

describe('A revocation by stamp', () => {
  test('is written as Celery 5.3 and newer take it', () => {
    const wire = wireOf({ kind: 'revoke-stamped', stamps: { tenant: ['acme'] }, terminate: true, signal: 'SIGKILL' });

    expect(wire).toMatchObject({
      method: 'revoke_by_stamped_headers',
      arguments: { headers: { tenant: ['acme'] }, terminate: true, signal: 'SIGKILL' },
    });
  });

  test.each([
    ['5.2.6', false],
    ['4.4.7', false],
    [null, false],
    ['5.3.0', true],
    ['5.6.3', true],
    ['6.0.0b1', true],
  ])('can be sent where a worker has Celery %s: %s', (version, able) => {
    const capabilities = celeryCapabilities({
      control: true,
      results: false,
      peeks: false,
      sends: false,
      workers: [workerOf(version)],
    });

    expect(capabilities.has('revoke-stamped')).toBe(able);
  });

  test('cannot be sent by a watcher that may only listen', () => {
    const capabilities = celeryCapabilities({
      control: false,
      results: false,
      peeks: false,
      sends: false,
      workers: [workerOf('5.6.3')],
    });

    expect([...capabilities]).toEqual(['task-worker']);
  });
});
