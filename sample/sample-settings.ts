/** Of the tasks added, those that go through BullMQ; the others go through Bull. */
const BULLMQ_SHARE = 0.3;

/** From the environment: the one place of the sample application that reads it. */
export class SampleSettings {
  readonly redisUrl: string;
  /** Tasks added a second, on average. */
  readonly rate: number;

  constructor(environment: NodeJS.ProcessEnv = process.env) {
    this.redisUrl = environment.SAMPLE_REDIS_URL ?? 'redis://127.0.0.1:6379';
    this.rate = Number(environment.SAMPLE_RATE ?? 1);
    if (!URL.canParse(this.redisUrl))
      throw new TypeError('SAMPLE_REDIS_URL: expected a URL such as redis://127.0.0.1:6379');
    if (!(this.rate > 0 && this.rate <= 1_000))
      throw new TypeError(
        `SAMPLE_RATE: expected tasks per second, above 0 and up to 1000, got ${environment.SAMPLE_RATE}`,
      );
  }

  get bullRate(): number {
    return this.rate * (1 - BULLMQ_SHARE);
  }

  get bullmqRate(): number {
    return this.rate * BULLMQ_SHARE;
  }
}
