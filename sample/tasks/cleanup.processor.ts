import { InjectQueue, Process, Processor } from '@nestjs/bull';
import type { Queue } from 'bull';

const KEEP_MS = 60 * 60 * 1000;
const AT_MOST = 1_000;

/** The only queue without job names: a repeatable task that removes old training jobs. */
@Processor('cleanup')
export class CleanupProcessor {
  constructor(@InjectQueue('training') private readonly training: Queue) {}

  @Process()
  async clean(): Promise<{ readonly removed: number }> {
    const completed = await this.training.clean(KEEP_MS, 'completed', AT_MOST);
    const failed = await this.training.clean(KEEP_MS, 'failed', AT_MOST);
    return { removed: completed.length + failed.length };
  }
}
