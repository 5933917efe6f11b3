import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import type { HealthCheckResult } from '@nestjs/terminus';

export class LivenessDto {
  @ApiProperty({ enum: ['ok'] })
  readonly status = 'ok';
}

const PARTS: ApiPropertyOptions = {
  type: 'object',
  additionalProperties: {
    type: 'object',
    required: ['status'],
    properties: { status: { type: 'string', enum: ['up', 'degraded', 'down'] }, message: { type: 'string' } },
  },
};

/** Whether the service takes requests. */
export class ReadinessDto {
  @ApiProperty({ enum: ['ok', 'degraded', 'error', 'shutting_down'] })
  readonly status: HealthCheckResult['status'];
  /** What is up or degraded. */
  @ApiProperty(PARTS)
  readonly info: object;
  /** What is down. */
  @ApiProperty(PARTS)
  readonly error: object;
  /** Both. */
  @ApiProperty(PARTS)
  readonly details: object;

  constructor(result: HealthCheckResult) {
    this.status = result.status;
    this.info = result.info ?? {};
    this.error = result.error ?? {};
    this.details = result.details;
  }
}
