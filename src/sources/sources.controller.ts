import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Permission, ScopedBy } from '../auth/permission.decorator.js';
import { SourceNotFound } from '../core/errors.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { BoundedText } from '../http/bounded-text.pipe.js';
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

  @Get(':name')
  @Permission('view')
  @ScopedBy('source', 'queue')
  @ApiOperation({ operationId: 'getSource', summary: 'One broker, how it is, and what it tells of itself' })
  @ApiParam({ name: 'name', description: 'Its name, percent-encoded', example: 'bull@localhost:6379/0' })
  @ApiOkResponse({ type: SourceDto })
  @ApiProblems(400, 404)
  async source(@Param('name', new BoundedText('the name of a source')) name: string): Promise<SourceDto> {
    const [view] = await this.inspector.look(name);
    if (view === undefined) throw new SourceNotFound(`expected the name of a source, found "${name}"`);
    return new SourceDto(view);
  }
}
