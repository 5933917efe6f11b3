import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Caller } from '../auth/granted.decorator.js';
import { Permission, ScopedBy } from '../auth/permission.decorator.js';
import type { Principal } from '../auth/principal.js';
import { InvalidRequest, PermissionDenied } from '../core/errors.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { BoundedText } from '../http/bounded-text.pipe.js';
import { type BulkAction, operationOfBulk } from './bulk-action.js';
import {
  BulkItemDto,
  BulkItemPageDto,
  BulkItemsQueryDto,
  BulkOperationBodyDto,
  BulkOperationDto,
  BulkOperationPageDto,
} from './bulk-operation.dto.js';
import { BulkOperations } from './bulk-operations.js';

const OPERATION_ID = new BoundedText('the id of a bulk operation', 64);
const DOCUMENTED_ID = { name: 'id', example: '1b671a64-40d5-491e-99b0-da01ff1f3341' };

@ApiTags('bulk operations')
@Controller('bulk-operations')
export class BulkOperationsController {
  constructor(private readonly operations: BulkOperations) {}

  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  @Permission('operate')
  @ScopedBy('source', 'queue')
  @ApiOperation({
    operationId: 'createBulkOperation',
    summary: 'Do something to many tasks, or count how many it would be',
    description:
      'For tasks that are remembered and match `q`, or for `ids`; at most 10 000, at a bounded rate, one by one: what goes wrong with one is told in ' +
      'its item and stops nothing. Kept for an hour after its end, in memory alone.',
  })
  @ApiAcceptedResponse({ type: BulkOperationDto, description: 'It runs; or, as a dry run, has counted' })
  @ApiProblems(400, 404, 409, 413, 415)
  async create(@Body() body: BulkOperationBodyDto, @Caller() caller: Principal | null): Promise<BulkOperationDto> {
    const { q, ids, source, expected_count } = body;
    if ((q === undefined) === (ids === undefined)) {
      throw new InvalidRequest(`expected one of q and ids, found ${q === undefined ? 'neither' : 'both'}`);
    }
    if (q !== undefined && expected_count === undefined && !body.dry_run) {
      const expected = 'the most tasks that may be concerned, or dry_run=true to learn how many match';
      throw new InvalidRequest(`expected_count: expected ${expected}, found none`, {
        errors: [{ field: 'expected_count', expected, found: 'none' }],
      });
    }
    const action = actionOf(body);
    const operationId = operationOfBulk(action);
    if (caller !== null && caller.actions !== null && !caller.actions.has(operationId)) {
      throw new PermissionDenied(`expected one of the actions ${[...caller.actions].join(', ')}, found ${operationId}`);
    }
    const operation = await this.operations.create({
      action,
      q: q ?? null,
      ids: ids ?? null,
      source: source ?? null,
      dryRun: body.dry_run,
      rate: body.rate,
      atMost: expected_count ?? null,
    });
    return new BulkOperationDto(operation);
  }

  @Get()
  @Permission('view')
  @ScopedBy('source', 'queue')
  @ApiOperation({ operationId: 'listBulkOperations', summary: 'Those that run or have ended lately, the latest first' })
  @ApiOkResponse({ type: BulkOperationPageDto })
  @ApiProblems()
  list(): BulkOperationPageDto {
    return new BulkOperationPageDto(this.operations.list().map((operation) => new BulkOperationDto(operation)));
  }

  @Get(':id')
  @Permission('view')
  @ScopedBy('source', 'queue')
  @ApiOperation({ operationId: 'getBulkOperation', summary: 'How far one has come' })
  @ApiParam(DOCUMENTED_ID)
  @ApiOkResponse({ type: BulkOperationDto })
  @ApiProblems(400, 404)
  one(@Param('id', OPERATION_ID) id: string): BulkOperationDto {
    return new BulkOperationDto(this.operations.get(id));
  }

  @Get(':id/items')
  @Permission('view')
  @ScopedBy('source', 'queue')
  @ApiOperation({ operationId: 'listBulkItems', summary: 'What has come of each task, page by page' })
  @ApiParam(DOCUMENTED_ID)
  @ApiOkResponse({ type: BulkItemPageDto })
  @ApiProblems(400, 404)
  items(@Param('id', OPERATION_ID) id: string, @Query() query: BulkItemsQueryDto): BulkItemPageDto {
    const { items } = this.operations.get(id).order;
    const { outcome, offset, limit } = query;
    const wanted = outcome === undefined ? items : items.filter((item) => item.outcome === outcome);
    return new BulkItemPageDto(
      wanted.slice(offset, offset + limit).map((item) => new BulkItemDto(item)),
      wanted.length,
    );
  }

  @Delete(':id')
  @Permission('operate')
  @ScopedBy('source', 'queue')
  @ApiOperation({
    operationId: 'cancelBulkOperation',
    summary: 'Begin no more tasks of one',
    description:
      'What has been begun is still awaited. The operation stays readable. One that has ended stays as it is.',
  })
  @ApiParam(DOCUMENTED_ID)
  @ApiOkResponse({ type: BulkOperationDto })
  @ApiProblems(400, 404, 413, 415)
  cancel(@Param('id', OPERATION_ID) id: string): BulkOperationDto {
    const operation = this.operations.get(id);
    operation.cancel();
    return new BulkOperationDto(operation);
  }
}

function actionOf(body: BulkOperationBodyDto): BulkAction {
  const { action } = body;
  switch (action) {
    case 'revoke':
      if (body.signal !== undefined && !body.terminate) {
        throw new InvalidRequest('signal: expected terminate=true beside it, found terminate=false');
      }
      return { kind: 'revoke', terminate: body.terminate, signal: body.signal ?? null };
    case 'retry':
      return { kind: 'retry', resetAttempts: body.reset_attempts };
    case 'promote':
    case 'remove':
      return { kind: action };
    case 'delay':
      if (body.delay_seconds === undefined) throw new InvalidRequest('delay_seconds: expected a number, found none');
      return { kind: 'delay', delayMs: Math.round(body.delay_seconds * 1000) };
    case 'priority':
      if (body.priority === undefined) throw new InvalidRequest('priority: expected a number, found none');
      return { kind: 'priority', priority: body.priority };
    case undefined:
      throw new InvalidRequest('action: expected one, found none');
    default:
      return action satisfies never;
  }
}
