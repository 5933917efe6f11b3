import { SetMetadata } from '@nestjs/common';

export const HEALTH_PROBE_KEY = 'taskscope:health-probe';

/** What one probe says of one thing. What is degraded still takes requests; what is down does not. */
export interface ProbeAnswer {
  readonly name: string;
  readonly status: 'up' | 'degraded' | 'down';
  /** Told to anybody, so without hosts and addresses; null where there is nothing to say. */
  readonly message: string | null;
}

export type ProbeMethod = () => Promise<readonly ProbeAnswer[]>;

/**
 * Marks a method of any provider as a probe of readiness. It is found by discovery; nothing else has to know of it. The name stands in the
 * answer where the method itself fails or takes too long.
 */
export const HealthProbe =
  (name: string) =>
  (target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<ProbeMethod>): void => {
    SetMetadata(HEALTH_PROBE_KEY, name)(target, key, descriptor);
  };
