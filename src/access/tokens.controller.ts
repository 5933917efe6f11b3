import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { makeToken, TokenStore } from '../auth/api-token.js';
import { Caller, Granted } from '../auth/granted.decorator.js';
import { Permission } from '../auth/permission.decorator.js';
import type { Principal } from '../auth/principal.js';
import { Roles } from '../auth/roles.js';
import { Clock } from '../core/clock.js';
import { InvalidRequest, PermissionDenied, TokenNotFound } from '../core/errors.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { BoundedText } from '../http/bounded-text.pipe.js';
import { NewTokenDto, TokenDto, TokenPageDto, TokenWishDto } from './token.dto.js';

const DAY_MS = 86_400_000;

@ApiTags('access')
@Controller('tokens')
export class TokensController {
  constructor(
    private readonly tokens: TokenStore,
    private readonly roles: Roles,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Permission('manage-access')
  @ApiOperation({ operationId: 'listTokens', summary: 'All API tokens, without the tokens themselves' })
  @ApiOkResponse({ type: TokenPageDto })
  @ApiProblems()
  list(): TokenPageDto {
    const now = this.clock.now();
    return new TokenPageDto(this.tokens.list().map((token) => new TokenDto(token, now)));
  }

  @Post()
  @Permission('manage-access')
  @ApiOperation({ operationId: 'createToken', summary: 'Make an API token that may do no more than its maker' })
  @ApiCreatedResponse({ type: NewTokenDto })
  @ApiProblems(400, 413)
  async create(
    @Body() wish: TokenWishDto,
    @Granted() granted: ReadonlySet<Permission>,
    @Caller() caller: Principal | null,
  ): Promise<NewTokenDto> {
    const may = this.#wanted(wish);
    const beyond = may.permissions.filter((permission) => !granted.has(permission));
    const own = caller?.actions ?? null;
    if (beyond.length > 0 || (own !== null && may.actions?.every((action) => own.has(action)) !== true)) {
      const missing = beyond.length > 0 ? beyond.join(', ') : 'actions of others';
      throw new PermissionDenied(`expected a token that may do no more than its maker, found ${missing}`);
    }
    const now = this.clock.now();
    const { text, token } = makeToken({
      ...may,
      name: wish.name,
      sources: wish.sources ?? null,
      queues: wish.queues ?? null,
      createdAt: now,
      createdBy: caller?.name ?? 'unknown',
      expiresAt: now + wish.expires_in_days * DAY_MS,
    });
    await this.tokens.add(token);
    return new NewTokenDto(token, now, text);
  }

  @Delete(':id')
  @Permission('manage-access')
  @ApiOperation({ operationId: 'revokeToken', summary: 'Revoke an API token, at once' })
  @ApiParam({ name: 'id', example: '1f2e3d4c' })
  @ApiOkResponse({ type: TokenDto, description: 'The token that was' })
  @ApiProblems(400, 404, 413)
  async revoke(@Param('id', new BoundedText('the id of a token', 64)) id: string): Promise<TokenDto> {
    const token = await this.tokens.remove(id);
    if (token === null) throw new TokenNotFound(`expected the id of a token, found ${JSON.stringify(id)}`, { id });
    return new TokenDto(token, this.clock.now());
  }

  #wanted({ role, permissions, actions }: TokenWishDto) {
    if ((role === undefined) === (permissions === undefined)) {
      throw new InvalidRequest('expected either a role or permissions, found both or neither');
    }
    if (role === undefined) return { role: null, permissions: permissions ?? [], actions: actions ?? null };
    const found = this.roles.named(role);
    if (found === null)
      throw new InvalidRequest(`role: expected one of ${this.roles.names.join(', ')}, found ${JSON.stringify(role)}`);
    const own = found.actions === null ? null : [...found.actions];
    return { role, permissions: [...found.permissions], actions: actions ?? own };
  }
}
