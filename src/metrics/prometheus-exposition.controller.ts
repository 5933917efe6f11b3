import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { PrometheusController } from '@willsoto/nestjs-prometheus';
import type { Response } from 'express';
import { Permission } from '../auth/permission.decorator.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { Scrape } from './scrape.js';

/** GET /metrics, outside the prefix: `PrometheusModule` sets the path. */
@ApiTags('metrics')
@Controller()
export class PrometheusExpositionController extends PrometheusController {
  constructor(private readonly scrape: Scrape) {
    super();
  }

  @Get()
  @Permission('view-metrics')
  @ApiOperation({ operationId: 'getPrometheusMetrics', summary: 'Everything, for Prometheus' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ description: 'Prometheus text format 0.0.4', schema: { type: 'string' } })
  @ApiProblems()
  override async index(@Res({ passthrough: true }) response: Response): Promise<string> {
    const own = await this.scrape.text();
    // prom-client's global registry: empty, unless an application that embeds this one keeps metrics of its own there.
    const embedding = (await super.index(response)).trimStart();
    return embedding === '' ? own : `${own}\n${embedding}`;
  }
}
