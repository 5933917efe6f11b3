import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Controller, Get, Logger, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Granted } from '../auth/granted.decorator.js';
import { Permission, ScopedBy } from '../auth/permission.decorator.js';
import { Streams } from '../auth/stream.decorator.js';
import { Clock } from '../core/clock.js';
import { messageOf, PermissionDenied } from '../core/errors.js';
import type { PermissionName } from '../core/permissions.js';
import { currentScope, withinScope } from '../core/scope.js';
import type { TaskSummary } from '../core/task.js';
import type { TaskQuery } from '../core/task-query.js';
import { type ArchivePage, TaskArchive } from '../history/task-archive.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { TaskSummaryDto } from '../http/task-summary.dto.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { EXPORTS, type ExportedPayload, type ExportFormat } from './export-lines.js';
import { type ExportField, TaskExportQueryDto } from './task-export.dto.js';
import { taskQueryOf } from './task-search.js';

/** Read at a time: a search each, of some milliseconds. */
const PAGE = 500;
/** The same where what tasks carry is read too: a few megabytes at the very worst. */
const WHOLE_PAGE = 50;

/** What a search finds, to the last page, as a file. */
@ApiTags('tasks')
@Controller('tasks')
export class TaskExportController {
  readonly #log = new Logger('Export');

  constructor(
    private readonly inspector: QueueInspector,
    private readonly archive: TaskArchive,
    private readonly clock: Clock,
  ) {}

  @Get('export')
  @Permission('view')
  @ScopedBy('source', 'queue')
  @Streams()
  @ApiOperation({
    operationId: 'exportTasks',
    summary: 'Everything that a search finds, as a file',
    description:
      'Read page by page, no faster than it is taken. Arguments and results only where `fields` asks for them. A connection that ends before its last chunk tells that not ' +
      'everything was sent. In CSV a text that a spreadsheet would run as a formula has an apostrophe before it.',
  })
  @ApiOkResponse({
    description: 'One task a line',
    headers: {
      'Taskscope-Total': { description: 'Tasks that match', schema: { type: 'integer' } },
      'Taskscope-Total-Exact': { description: 'False where that is an estimate', schema: { type: 'boolean' } },
    },
    content: {
      'application/x-ndjson': { schema: { type: 'string' } },
      'text/csv': { schema: { type: 'string' } },
    },
  })
  @ApiProblems(400, 403, 404, 503)
  async export(
    @Query() query: TaskExportQueryDto,
    @Granted() granted: ReadonlySet<PermissionName>,
    @Res() response: Response,
  ): Promise<void> {
    const fields = [...new Set(query.fields ?? [])];
    if (fields.length > 0 && !granted.has('view-payloads')) {
      throw new PermissionDenied('expected a caller who may "view-payloads", as `fields` asks for what tasks carry', {
        permission: 'view-payloads',
      });
    }
    this.inspector.views(query.source);
    const format = EXPORTS[query.format];
    const asked = { ...taskQueryOf(query, this.clock.now()), limit: Math.min(pageOf(fields), query.limit) };
    // What is wrong with the question is answered as for every other one: nothing has been sent yet.
    const first = await this.archive.search(asked);
    response.setHeader('Content-Type', format.type);
    response.setHeader('Content-Disposition', `attachment; filename="tasks.${query.format}"`);
    response.setHeader('Taskscope-Total', first.total);
    response.setHeader('Taskscope-Total-Exact', String(first.totalExact));
    try {
      await pipeline(Readable.from(this.#text(asked, first, { format, fields, most: query.limit })), response);
    } catch (error) {
      // The reader went, or the store; the connection is closed either way, before its end.
      if (!response.writableFinished) this.#log.debug(`an export ended early: ${messageOf(error)}`);
    }
  }

  /** A text for each page. What the caller may see is what it was when it asked, whoever makes the stream go on. */
  async *#text(
    asked: TaskQuery,
    first: ArchivePage,
    {
      format,
      fields,
      most,
    }: { readonly format: ExportFormat; readonly fields: readonly ExportField[]; readonly most: number },
  ): AsyncGenerator<string> {
    const scope = currentScope();
    yield format.head(fields);
    let left = most;
    for (let page = first; ; ) {
      const items = page.items.slice(0, left);
      left -= items.length;
      const payloads = await withinScope(scope, () => this.#payloads(items, fields));
      if (items.length > 0)
        yield items.map((task, nth) => format.line(new TaskSummaryDto(task), payloads[nth] ?? {})).join('');
      const after = page.next;
      if (after === null || left === 0) return;
      page = await withinScope(scope, () =>
        this.archive.search({ ...asked, limit: Math.min(pageOf(fields), left), after }),
      );
    }
  }

  /** In the order of the tasks. */
  async #payloads(tasks: readonly TaskSummary[], fields: readonly ExportField[]): Promise<readonly ExportedPayload[]> {
    if (fields.length === 0) return [];
    const whole = new Map((await this.archive.whole(tasks)).map((task) => [keyOf(task), task]));
    return tasks.map((task) =>
      Object.fromEntries(fields.map((field) => [field, whole.get(keyOf(task))?.[field] ?? null])),
    );
  }
}

function pageOf(fields: readonly ExportField[]): number {
  return fields.length === 0 ? PAGE : WHOLE_PAGE;
}

function keyOf({ source, id }: Pick<TaskSummary, 'source' | 'id'>): string {
  return `${source}\0${id}`;
}
