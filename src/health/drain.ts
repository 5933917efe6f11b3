import { setTimeout as wait } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { HealthProbe, type ProbeAnswer } from './health-probe.decorator.js';

/** Token of the time between being told to stop and closing, in milliseconds. */
export const DRAIN_MS = Symbol('DRAIN_MS');

/**
 * The time between being told to stop and closing: readiness says 503, everything else goes on answering, so that whoever routes requests
 * here can stop doing so before the first one fails. Not by Terminus' own delay, which needs Nest to handle the signals and to end the process.
 */
@Injectable()
export class Drain {
  #draining = false;

  constructor(@Inject(DRAIN_MS) private readonly ms: number) {}

  /** Resolves when it is time to close. */
  async begin(): Promise<void> {
    this.#draining = true;
    await wait(this.ms);
  }

  @HealthProbe('service')
  async probe(): Promise<readonly ProbeAnswer[]> {
    return this.#draining ? [{ name: 'service', status: 'down', message: 'is stopping' }] : [];
  }
}
