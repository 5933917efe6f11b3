import { Controller, Get, type OnModuleDestroy, Query, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Response } from 'express';
import { Permission, ScopedBy } from '../auth/permission.decorator.js';
import { Streams } from '../auth/stream.decorator.js';
import { SourceUnavailable } from '../core/errors.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { EventStream } from './event-stream.js';
import { EventsQueryDto, LiveEventDto } from './live-event.dto.js';

/** Each costs the event path a JSON text per event. */
const MAX_READERS = 20;

@ApiTags('tasks')
@ApiExtraModels(LiveEventDto)
@Controller('events')
export class EventsController implements OnModuleDestroy {
  readonly #readers = new Set<EventStream>();

  constructor(private readonly inspector: QueueInspector) {}

  @Get()
  @Permission('view')
  @ScopedBy('source', 'queue')
  @Streams()
  @ApiOperation({
    operationId: 'streamEvents',
    summary: 'What happens to tasks, while it happens',
    description:
      'Server-sent events, each a LiveEvent as JSON, from the moment of the request on. What a reader is too slow for is left out, and an event ' +
      'named `dropped` says how many. Nothing is sent again after a reconnect: the search knows what was missed.',
  })
  @ApiOkResponse({
    description: 'A stream that lasts until the reader goes',
    content: { 'text/event-stream': { schema: { $ref: getSchemaPath(LiveEventDto) } } },
  })
  @ApiProblems(400, 404, 503)
  stream(@Query() query: EventsQueryDto, @Res() response: Response): void {
    // Names an unknown source as such, where a stream would just stay silent.
    this.inspector.views(query.source);
    if (this.#readers.size >= MAX_READERS) {
      throw new SourceUnavailable(`expected fewer than ${MAX_READERS} readers of the stream, found ${MAX_READERS}`);
    }
    const reader = new EventStream(response, query);
    const leave = this.inspector.listen({
      transitions: (source, batch) => reader.hear(source, batch),
      notice: () => undefined,
    });
    this.#readers.add(reader);
    response.once('close', () => {
      leave();
      reader.end();
      this.#readers.delete(reader);
    });
  }

  onModuleDestroy(): void {
    for (const reader of this.#readers) reader.end();
  }
}
