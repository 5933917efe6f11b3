import { describe, expect, test } from '@jest/globals';
import { SystemClock } from '../../../../src/core/clock.js';
import { Pidbox } from '../../../../src/engines/celery/pidbox.js';
import { RevokedIds } from '../../../../src/engines/celery/revoked-ids.js';
import { RevokedStamps } from '../../../../src/engines/celery/revoked-stamps.js';
import { TaskNotes } from '../../../../src/engines/celery/task-notes.js';
import { CeleryTransport, type ControlRequest } from '../../../../src/engines/celery/transport/celery-transport.js';
import { WorkerBook } from '../../../../src/engines/celery/worker-book.js';
import { WorkerPoll } from '../../../../src/engines/celery/worker-poll.js';

const HOUR = 3_600_000;

/** Keeps what is told; nobody is there to answer. */
class Recorder extends CeleryTransport {
  readonly told: ControlRequest[] = [];
  override readonly reader = null;

  override broadcast(request: ControlRequest): Promise<number> {
    this.told.push(request);
    return Promise.resolve(0);
  }
  override start(): void {}
  override stop = () => Promise.resolve();
  override status = () => ({ connection: 'connected', since: 0, lastAnswerAt: 0, problem: null }) as const;
  override cost = () => ({ connections: 1, commands: 0, bytesRead: 0, reconnects: 0 });
  override broker = () => Promise.resolve(null);
  override knownQueues = () => Promise.resolve([]);
  override depths = () => Promise.resolve([]);
  override purge = () => Promise.resolve(null);
  override enqueue = () => Promise.resolve(true);
  override provedGone = () => Promise.resolve([]);
}

describe('Revoked stamps', () => {
  test('are remembered once each, by name, for three hours from when they were told last', () => {
    const stamps = new RevokedStamps();
    stamps.add({ tenant: ['a', 'b'], run: ['1'] }, 0);
    stamps.add({ tenant: ['b', 'c'] }, HOUR);

    expect(stamps.all(HOUR)).toEqual({ tenant: ['a', 'b', 'c'], run: ['1'] });
    expect(stamps.all(3 * HOUR)).toEqual({ tenant: ['b', 'c'] });
    expect(stamps.all(4 * HOUR)).toBeNull();
  });

  test('are told to workers that join later, if they know stamps', async () => {
    const [transport, clock, workers, revoked] = [
      new Recorder(),
      new SystemClock(),
      new WorkerBook(),
      new RevokedIds(),
    ];
    const pidbox = new Pidbox(transport, clock);
    const poll = new WorkerPoll({ pidbox, workers, clock, revoked, notes: new TaskNotes() });
    revoked.stamps.add({ tenant: ['a'] }, clock.monotonic());
    for (const [name, version] of [
      ['old@h', '5.2.6'],
      ['new@h', '5.5.0'],
    ] as const) {
      workers.heard(name, 1, 0, clock.monotonic(), clock.now()).version = version;
    }

    await poll.round(AbortSignal.timeout(5_000));

    const told = transport.told.filter(({ method }) => method === 'revoke_by_stamped_headers');
    expect(told).toEqual([
      expect.objectContaining({
        destination: ['new@h'],
        arguments: { headers: { tenant: ['a'] }, terminate: false },
        ticket: null,
      }),
    ]);
  });
});
