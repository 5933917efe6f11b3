import { type DynamicModule, Module } from '@nestjs/common';
import { Clock } from '../../src/core/clock.js';

/** Gives every module the clock of the test, as the application gives its own. */
@Module({})
export class ClockModule {
  static with(clock: Clock): DynamicModule {
    return { module: ClockModule, global: true, providers: [{ provide: Clock, useValue: clock }], exports: [Clock] };
  }
}
