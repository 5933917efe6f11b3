import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { DRAIN_MS, Drain } from './drain.js';
import { HealthController } from './health.controller.js';
import { HistoryProbe } from './history-probe.js';
import { LivenessController } from './liveness.controller.js';
import { ReadinessController } from './readiness.controller.js';
import { PROBE_DEADLINE_MS, ReadinessProbes } from './readiness-probes.js';
import { SourceProbe } from './source-probe.js';

export interface HealthOptions {
  /** Time one probe may take. */
  readonly probeDeadlineMs: number;
  /**
   * How long `Drain.begin()` keeps readiness at 503 before the service may close, so that whoever routes requests here has seen it. At
   * least the period of the readiness probe.
   */
  readonly drainMs: number;
}

/** Health for people, and the probes; every `@HealthProbe` of the application is part of readiness. */
@Module({})
export class HealthModule {
  static forRoot(options: HealthOptions): DynamicModule {
    return {
      module: HealthModule,
      // Terminus would log a line per failed probe; changes of state are logged where they happen.
      imports: [DiscoveryModule, TerminusModule.forRoot({ logger: false })],
      controllers: [HealthController, LivenessController, ReadinessController],
      providers: [
        { provide: PROBE_DEADLINE_MS, useValue: options.probeDeadlineMs },
        { provide: DRAIN_MS, useValue: options.drainMs },
        Drain,
        HistoryProbe,
        ReadinessProbes,
        SourceProbe,
      ],
    };
  }
}
