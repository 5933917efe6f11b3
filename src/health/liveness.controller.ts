import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../auth/permission.decorator.js';
import { ApiPublicProblems } from '../http/api-problems.decorator.js';
import { LivenessDto } from './probes.dto.js';

/**
 * Answers as long as the event loop turns, and touches nothing outside the process. Not by Terminus, whose checks answer 503 during shutdown:
 * a service that drains is alive, and must not be killed for it.
 */
@ApiTags('health')
@Controller('health/live')
export class LivenessController {
  @Get()
  @Public()
  @ApiOperation({ operationId: 'getLiveness', summary: 'Whether the process runs' })
  @ApiOkResponse({ type: LivenessDto })
  @ApiPublicProblems()
  live(): LivenessDto {
    return new LivenessDto();
  }
}
