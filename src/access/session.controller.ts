import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { notesOf } from '../auth/audit-notes.js';
import { SignsIn } from '../auth/limit.guard.js';
import { OidcSignIn } from '../auth/oidc-sign-in.js';
import { Public } from '../auth/permission.decorator.js';
import { RequestLimits } from '../auth/request-limits.js';
import { cookie, cookieOf, isSecure } from '../auth/session-cookie.js';
import { NotSignedIn, NotSupported } from '../core/errors.js';
import { ApiPublicProblems } from '../http/api-problems.decorator.js';
import { localPath } from './local-path.js';
import { SessionDto, SignInDto } from './session.dto.js';
import { SignIns } from './sign-ins.js';

const ATTEMPT_COOKIE = '__Host-taskscope-sign-in';
const PLAIN_ATTEMPT_COOKIE = 'taskscope-sign-in';

/** Open to everybody: this is how one comes in, and goes. */
@ApiTags('access')
@Controller('session')
export class SessionController {
  constructor(
    private readonly signIns: SignIns,
    private readonly limits: RequestLimits,
  ) {}

  @Get()
  @Public()
  @ApiOperation({ operationId: 'getSession', summary: 'Who asks, what they may do, and how to sign in' })
  @ApiOkResponse({ type: SessionDto })
  @ApiPublicProblems()
  session(@Req() request: Request): SessionDto {
    return this.signIns.tell(request);
  }

  @Post()
  @HttpCode(HttpStatus.OK)
  @Public()
  @SignsIn()
  @ApiOperation({
    operationId: 'signIn',
    summary: 'Sign in by name and password',
    description: 'Sets a cookie for browsers. Programs send an API token instead.',
  })
  @ApiOkResponse({ type: SessionDto })
  @ApiPublicProblems(400, 401, 403, 409, 413, 429)
  async signIn(
    @Body() { name, password }: SignInDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionDto> {
    notesOf(request).claimed = name;
    const { passwords } = this.signIns;
    if (!passwords.possible) {
      throw new NotSupported('expected users in the setting auth.users, found none: there is nobody to sign in as');
    }
    this.signIns.requireSecure(request);
    this.limits.signInAs(name);
    const principal = await passwords.principal(name, password);
    if (principal === null) throw new NotSignedIn('expected a name and the password that belongs to it');
    return this.signIns.begin(principal, request, response);
  }

  @Delete()
  @Public()
  @ApiOperation({ operationId: 'signOut', summary: 'Sign out' })
  @ApiOkResponse({ type: SessionDto })
  @ApiPublicProblems(400, 403, 413)
  signOut(@Req() request: Request, @Res({ passthrough: true }) response: Response): SessionDto {
    return this.signIns.end(request, response);
  }

  /** For the browser itself, which follows: not part of the API. */
  @Get('oidc')
  @Public()
  @SignsIn()
  @ApiExcludeEndpoint()
  async beginOidc(@Req() request: Request, @Res() response: Response): Promise<void> {
    this.signIns.requireSecure(request);
    const { url, browser } = await this.#oidc().begin(localPath(request.query.next));
    const secure = isSecure(request);
    // Lax: the provider's page, which is another site, sends the browser back here.
    response.append('Set-Cookie', cookie(attemptCookie(secure), browser, { secure, sameSite: 'Lax' }));
    response.redirect(HttpStatus.FOUND, url);
  }

  @Get('oidc/callback')
  @Public()
  @SignsIn()
  @ApiExcludeEndpoint()
  async finishOidc(@Req() request: Request, @Res() response: Response): Promise<void> {
    const notes = notesOf(request);
    // A sign-in is written down, although it is a GET.
    notes.changing = true;
    const name = attemptCookie(isSecure(request));
    const query = request.originalUrl.split('?').slice(1).join('?');
    const { principal, next } = await this.#oidc().finish(query, cookieOf(request.headers.cookie, name));
    notes.claimed = principal.name;
    this.signIns.begin(principal, request, response);
    response.append('Set-Cookie', `${cookie(name, '', { secure: isSecure(request), sameSite: 'Lax' })}; Max-Age=0`);
    response.redirect(HttpStatus.SEE_OTHER, next);
  }

  #oidc(): OidcSignIn {
    const { oidc } = this.signIns;
    if (oidc === null) throw new NotSupported('expected a provider in the setting auth.oidc, found none');
    return oidc;
  }
}

function attemptCookie(secure: boolean): string {
  return secure ? ATTEMPT_COOKIE : PLAIN_ATTEMPT_COOKIE;
}
