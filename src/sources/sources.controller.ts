import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Permission, ScopedBy } from '../auth/permission.decorator.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { SourceDto, SourcePageDto, UnresolvedBrokerDto } from './source.dto.js';

@ApiTags('sources')
@Controller('sources')
export class SourcesController {
  constructor(private readonly inspector: QueueInspector) {}

  @Get()
  @Permission('view')
  @ScopedBy('source', 'queue')
  @ApiOperation({ operationId: 'listSources', summary: 'The brokers that are watched, and what can be done there' })
  @ApiOkResponse({ type: SourcePageDto })
  @ApiProblems()
  list(): SourcePageDto {
    return new SourcePageDto(
      this.inspector.views().map((view) => new SourceDto(view)),
      this.inspector.unresolved().map((broker) => new UnresolvedBrokerDto(broker)),
    );
  }
}
