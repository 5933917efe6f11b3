import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AuditLog } from '../auth/audit-log.js';
import { Permission } from '../auth/permission.decorator.js';
import { InvalidRequest } from '../core/errors.js';
import { foundText } from '../core/found-text.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { AuditPageDto, AuditQueryDto } from './audit.dto.js';

@ApiTags('access')
@Controller('audit')
export class AuditController {
  constructor(private readonly audit: AuditLog) {}

  @Get()
  @Permission('view-audit')
  @ApiOperation({ operationId: 'listAudit', summary: 'Who did, or tried to do, what; the newest first' })
  @ApiOkResponse({ type: AuditPageDto })
  @ApiProblems(400)
  async list(@Query() { who, action, outcome, limit, cursor }: AuditQueryDto): Promise<AuditPageDto> {
    const { records, more } = await this.audit.read({
      limit,
      before: cursor === undefined ? null : numberOf(cursor),
      who: who ?? null,
      action: action ?? null,
      outcome: outcome ?? null,
    });
    return new AuditPageDto(records, more);
  }
}

function numberOf(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  const expected = 'a next_cursor of an earlier answer';
  const found = foundText(cursor);
  throw new InvalidRequest(`cursor: expected ${expected}, found ${found}`, {
    errors: [{ field: 'cursor', expected, found }],
  });
}
