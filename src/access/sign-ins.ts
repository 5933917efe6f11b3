import type { Request, Response } from 'express';
import type { AccessPolicy } from '../auth/access-policy.js';
import type { AccessRules } from '../auth/access-rules.js';
import { OidcSignIn } from '../auth/oidc-sign-in.js';
import { PasswordSignIn } from '../auth/password-sign-in.js';
import type { Permission } from '../auth/permission.decorator.js';
import { type Principal, permittedTo } from '../auth/principal.js';
import { grantsFor } from '../auth/request-access.js';
import { Roles } from '../auth/roles.js';
import { clearSessionCookie, isSecure, sessionIdOf, setSessionCookie } from '../auth/session-cookie.js';
import type { SessionStore } from '../auth/session-store.js';
import type { Clock } from '../core/clock.js';
import { PermissionDenied } from '../core/errors.js';
import { API_PREFIX } from '../http/configure-http.js';
import { SessionDto, WaysToSignInDto } from './session.dto.js';

export const OIDC_PATH = `/${API_PREFIX}/session/oidc`;

/** Begins, tells and ends sessions. */
export class SignIns {
  readonly passwords: PasswordSignIn;
  readonly oidc: OidcSignIn | null;
  readonly #rules: AccessRules;
  readonly #policy: AccessPolicy;
  readonly #sessions: SessionStore;

  constructor(
    rules: AccessRules,
    {
      policy,
      sessions,
      clock,
    }: { readonly policy: AccessPolicy; readonly sessions: SessionStore; readonly clock: Clock },
  ) {
    this.#rules = rules;
    this.#policy = policy;
    this.#sessions = sessions;
    this.passwords = new PasswordSignIn(rules);
    this.oidc =
      rules.oidc === null || rules.publicUrl === null
        ? null
        : new OidcSignIn(rules.oidc, {
            roles: new Roles(rules.roles),
            redirect: `${rules.publicUrl}${OIDC_PATH}/callback`,
            clock,
          });
  }

  tell(request: Request): SessionDto {
    const { permissions, principal = null } = grantsFor(request, this.#policy);
    const id = sessionIdOf(request);
    const session = id === null ? null : this.#sessions.use(id);
    return this.#dto(principal, permissions, session === null ? null : this.#sessions.endsAt(session));
  }

  /** Plain connections show a session to whoever listens: refused, but from this machine or where --insecure was said. */
  requireSecure(request: Request): void {
    if (isSecure(request) || this.#rules.insecure) return;
    throw new PermissionDenied(
      'expected HTTPS to sign in, found a plain connection; set tls, or let a proxy do it and name its address in http.trustedProxies',
    );
  }

  /** A session that the browser had before ends: whoever put it there does not share this one. */
  begin(principal: Principal, request: Request, response: Response): SessionDto {
    const before = sessionIdOf(request);
    if (before !== null) this.#sessions.end(before);
    const id = this.#sessions.begin(principal);
    setSessionCookie(request, response, id);
    const session = this.#sessions.use(id);
    return this.#dto(
      principal,
      permittedTo(principal, this.#rules.readOnly),
      session === null ? null : this.#sessions.endsAt(session),
    );
  }

  end(request: Request, response: Response): SessionDto {
    const id = sessionIdOf(request);
    if (id !== null) this.#sessions.end(id);
    clearSessionCookie(request, response);
    return this.#dto(null, new Set(), null);
  }

  #dto(principal: Principal | null, permissions: ReadonlySet<Permission>, expiresAt: number | null): SessionDto {
    const { required, readOnly, insecure } = this.#rules;
    const signIn = new WaysToSignInDto({
      required,
      password: this.passwords.possible,
      oidc_path: this.oidc === null ? null : OIDC_PATH,
      oidc_label: this.oidc?.label ?? null,
    });
    return new SessionDto({ principal, permissions, expiresAt, readOnly, insecure: insecure && !required, signIn });
  }
}
