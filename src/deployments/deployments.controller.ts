import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Caller } from '../auth/granted.decorator.js';
import { Permission } from '../auth/permission.decorator.js';
import type { Principal } from '../auth/principal.js';
import { Clock } from '../core/clock.js';
import { InvalidRequest } from '../core/errors.js';
import { foundText } from '../core/found-text.js';
import { parseMoment } from '../core/task-filter-time.js';
import { DeploymentBook } from '../history/deployment-book.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { DeploymentDto, DeploymentPageDto, DeploymentQueryDto, NewDeploymentDto } from './deployment.dto.js';

const HOUR_MS = 3_600_000;
/** Clocks differ; a deployment to come has not changed anything yet. */
const AHEAD_MS = 300_000;

@ApiTags('deployments')
@Controller('deployments')
export class DeploymentsController {
  constructor(
    private readonly book: DeploymentBook,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Permission('view')
  @ApiOperation({
    operationId: 'listDeployments',
    summary: 'What was deployed when, as people and pipelines have told',
  })
  @ApiOkResponse({ type: DeploymentPageDto })
  @ApiProblems(400, 503)
  async list(@Query() query: DeploymentQueryDto): Promise<DeploymentPageDto> {
    const to = query.to === undefined ? this.clock.now() : this.#moment('to', query.to);
    const from = query.from === undefined ? to - HOUR_MS : this.#moment('from', query.from);
    if (from > to) throw invalid('from', 'a time before `to`', query.from ?? '');
    return new DeploymentPageDto(await this.book.between({ from, to, limit: query.limit }));
  }

  @Post()
  @Permission('annotate')
  @ApiOperation({
    operationId: 'recordDeployment',
    summary: 'Say that something was deployed: a line on every chart',
    description:
      'For the last step of a pipeline. Changes nothing in a broker, so a read-only service takes it, too. Kept with the history; without one, until the ' +
      'service ends.',
  })
  @ApiCreatedResponse({ type: DeploymentDto })
  @ApiProblems(400, 413, 503)
  async record(@Body() body: NewDeploymentDto, @Caller() caller: Principal | null): Promise<DeploymentDto> {
    const now = this.clock.now();
    const at = body.at === undefined ? now : this.#moment('at', body.at);
    if (at < 0 || at > now + AHEAD_MS) throw invalid('at', 'a time that has come', body.at ?? '');
    const deployment = {
      id: randomUUID(),
      at,
      name: body.name,
      version: body.version ?? null,
      link: body.link === undefined ? null : linkOf(body.link),
      who: caller?.name ?? null,
    };
    await this.book.add(deployment);
    return new DeploymentDto(deployment);
  }

  #moment(field: string, text: string): number {
    const at = parseMoment(text, this.clock.now());
    if (at !== null) return at;
    throw invalid(field, 'an ISO 8601 time, epoch seconds, or how long ago, such as 5m', text);
  }
}

/** People click on it: anything but a page, such as a script, is refused. So is a name before the host, which is a token or passes for a host. */
function linkOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (
    url !== null &&
    (url.protocol === 'https:' || url.protocol === 'http:') &&
    url.username === '' &&
    url.password === ''
  )
    return url.href;
  throw invalid('link', 'an http or https address without a name or password', text);
}

function invalid(field: string, expected: string, text: string): InvalidRequest {
  const found = foundText(text);
  return new InvalidRequest(`${field}: expected ${expected}, found ${found}`, { errors: [{ field, expected, found }] });
}
