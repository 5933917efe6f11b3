import { Controller, Get, HttpStatus, Res, ServiceUnavailableException } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import type { Response } from 'express';
import { Public } from '../auth/permission.decorator.js';
import { ApiPublicProblems } from '../http/api-problems.decorator.js';
import { ReadinessDto } from './probes.dto.js';
import { ReadinessProbes } from './readiness-probes.js';

@ApiTags('health')
@Controller('health/ready')
export class ReadinessController {
  constructor(
    private readonly terminus: HealthCheckService,
    private readonly probes: ReadinessProbes,
  ) {}

  @Get()
  @Public()
  @ApiOperation({
    operationId: 'getReadiness',
    summary: 'Whether the service takes requests',
    description: '503 until every source has answered once, and again as soon as the service is told to stop.',
  })
  @ApiOkResponse({ type: ReadinessDto })
  @ApiServiceUnavailableResponse({ type: ReadinessDto })
  @ApiPublicProblems()
  async ready(@Res({ passthrough: true }) response: Response): Promise<ReadinessDto> {
    try {
      return new ReadinessDto(await this.terminus.check(this.probes.indicators()));
    } catch (error) {
      // Terminus throws what it found; probes expect that, not a problem document.
      const found: unknown = error instanceof ServiceUnavailableException ? error.getResponse() : null;
      if (!isResult(found)) throw error;
      response.status(HttpStatus.SERVICE_UNAVAILABLE);
      return new ReadinessDto(found);
    }
  }
}

function isResult(value: unknown): value is HealthCheckResult {
  return typeof value === 'object' && value !== null && 'details' in value;
}
