import { ApiProperty } from '@nestjs/swagger';

export const HEALTH_STATUSES = ['healthy', 'degraded', 'unhealthy'] as const;
export type HealthStatus = (typeof HEALTH_STATUSES)[number];

/** Whether brokers and workers are well. */
export class HealthDto {
  /** healthy: all is well. degraded: something needs a look. unhealthy: no broker can be reached. */
  @ApiProperty({ enum: [...HEALTH_STATUSES], enumName: 'HealthStatus' })
  readonly status: HealthStatus;
  /**
   * Why, in whole sentences.
   * @example 'All systems operational'
   */
  readonly message: string;
  /** Workers that are up. */
  readonly workers: number;
  /** True where every broker is connected. */
  readonly broker_connected: boolean;
  @ApiProperty({ type: String, format: 'date-time' })
  readonly timestamp: string;

  constructor(health: HealthDto) {
    this.status = health.status;
    this.message = health.message;
    this.workers = health.workers;
    this.broker_connected = health.broker_connected;
    this.timestamp = health.timestamp;
  }
}
