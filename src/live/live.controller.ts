import { Controller, Get, Headers, type OnModuleDestroy, Res } from '@nestjs/common';
import { ApiExtraModels, ApiHeader, ApiOkResponse, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Response } from 'express';
import { Permission, ScopedBy } from '../auth/permission.decorator.js';
import { Streams } from '../auth/stream.decorator.js';
import { SourceUnavailable } from '../core/errors.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { LiveFeeds } from './live-feeds.js';
import { LiveReader } from './live-reader.js';
import { LiveTickDto } from './live-tick.dto.js';

/** Open connections: each costs a socket and, per tick, one write of a text that is made anyway. */
const MAX_READERS = 500;

@ApiTags('live')
@ApiExtraModels(LiveTickDto)
@Controller('live')
export class LiveController implements OnModuleDestroy {
  readonly #readers = new Set<LiveReader>();

  constructor(private readonly feeds: LiveFeeds) {}

  @Get()
  @Permission('view')
  @ScopedBy('source', 'queue')
  @Streams()
  @ApiOperation({
    operationId: 'streamLive',
    summary: 'What has changed, once a second, the same for every reader',
    description:
      'Server-sent events named `tick`, each a LiveTick as JSON. Without a change there is none but for a tick every ten seconds that tells how ' +
      'old the data is. A reader who comes back with `Last-Event-ID` gets what he has missed, or a tick with `reset` where that is not known ' +
      'any more. However many read, the brokers are looked at once.',
  })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'Id of the last tick that was read' })
  @ApiOkResponse({
    description: 'A stream that lasts until the reader goes',
    content: { 'text/event-stream': { schema: { $ref: getSchemaPath(LiveTickDto) } } },
  })
  @ApiProblems(503)
  stream(@Headers('last-event-id') lastId: string | undefined, @Res() response: Response): void {
    if (this.#readers.size >= MAX_READERS) {
      throw new SourceUnavailable(`expected fewer than ${MAX_READERS} readers, found ${MAX_READERS}`);
    }
    const reader = new LiveReader(response);
    this.#readers.add(reader);
    const leave = this.feeds.current().read(reader, lastId ?? null);
    response.once('close', () => {
      leave();
      this.#readers.delete(reader);
    });
  }

  onModuleDestroy(): void {
    for (const reader of this.#readers) reader.end();
  }
}
