import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { whenParentEnds } from './parent-watch.js';
import { SampleModule } from './sample.module.js';
import { SampleSettings } from './sample-settings.js';

/** Tasks that run longer are left to Bull, which gives them to the next worker as stalled. */
const SHUTDOWN_MS = 2_500;

const app = await NestFactory.createApplicationContext(SampleModule, { logger: ['error', 'warn'] });
const { redisUrl, rate } = app.get(SampleSettings);
console.log(`sample: about ${rate} tasks a second on ${new URL(redisUrl).host}, process ${process.pid}`);

let stopping = false;
const stop = (): void => {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(0), SHUTDOWN_MS).unref();
  app.close().then(
    () => process.exit(0),
    (problem: unknown) => {
      console.error('sample: did not close in order:', problem);
      process.exit(1);
    },
  );
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
whenParentEnds(stop);
