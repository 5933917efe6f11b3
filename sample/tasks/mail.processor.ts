import { setTimeout as sleep } from 'node:timers/promises';
import { Process, Processor } from '@nestjs/bull';
import type { Job } from 'bull';
import { abortSignal } from '../../agent/agent.js';
import { SeededRandom } from '../data/random.js';

export interface MailRequest {
  readonly to: string;
  readonly subject: string;
  readonly seed: number;
}

/** Try again later. */
export class MailServerBusy extends Error {
  override readonly name = 'MailServerBusy';
}

/** Trying again is no use. */
export class MailboxNotFound extends Error {
  override readonly name = 'MailboxNotFound';
}

/** Talks to a mail server that exists only here: it takes its time, is sometimes busy, and does not know everybody. */
@Processor('mail')
export class MailProcessor {
  @Process({ name: 'send_alert', concurrency: 2 })
  async sendAlert(job: Job<MailRequest>): Promise<{ readonly accepted: string }> {
    return this.#send(job);
  }

  @Process('send_digest')
  async sendDigest(job: Job<MailRequest>): Promise<{ readonly accepted: string }> {
    return this.#send(job);
  }

  async #send(job: Job<MailRequest>): Promise<{ readonly accepted: string }> {
    const { to, seed } = job.data;
    const random = new SeededRandom(seed + job.attemptsMade);
    await sleep(random.between(50, 800), undefined, { signal: abortSignal(job) });
    if (random.chance(0.05)) {
      await job.discard();
      throw new MailboxNotFound(`550 no such mailbox: ${to}`);
    }
    if (random.chance(0.25)) throw new MailServerBusy('421 too many connections, try again later');
    return { accepted: to };
  }
}
