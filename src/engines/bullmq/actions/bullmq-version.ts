import { NotSupported } from '../../../core/errors.js';
import type { RedisLink } from '../../redis/redis-link.js';
import { textOf } from '../../redis/redis-reply.js';
import type { BullmqQueue } from '../bullmq-queue.js';
import type { LibraryMajor } from './bullmq-library.js';

/** The version that keeps a queue, and the library to change it with. */
export interface QueueVersion {
  /** null where no version was written: version 4, or a queue that only workers and flows have touched. */
  readonly major: number | null;
  readonly library: LibraryMajor;
}

const NEWEST = 6;

/**
 * Versions 4 and 5 rename the waiting list of a paused queue to `paused`, and back over whatever has come to wait meanwhile; version 6 leaves it
 * where it is. So a script of version 6 that adds to the waiting list of a paused queue of version 5 adds what its resume destroys, while
 * what version 5 puts aside version 6 finds: where the version is unknown, version 5 is safe for both.
 */
export async function versionOf(link: RedisLink, queue: BullmqQueue, signal: AbortSignal): Promise<QueueVersion> {
  const written = textOf(await link.call(['HGET', queue.at('meta'), 'version'], signal));
  const found = /^bullmq[^:]*:(\d+)\./.exec(written ?? '');
  const major = found ? Number(found[1]) : null;
  if (major !== null && major > NEWEST) {
    throw new NotSupported(
      `expected a queue of BullMQ 4 to ${NEWEST}, whose scripts are installed here, found "${written}" on queue "${queue.label}"`,
      { version: written },
    );
  }
  return { major, library: major === NEWEST ? 6 : 5 };
}
