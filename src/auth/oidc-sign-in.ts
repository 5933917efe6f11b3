import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  type IDToken,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { Clock } from '../core/clock.js';
import { messageOf, NotSignedIn, SourceUnavailable } from '../core/errors.js';
import type { OidcRules } from './access-rules.js';
import type { Principal } from './principal.js';
import { mappedRole } from './role-mapping.js';
import type { Roles } from './roles.js';

/** What is remembered between sending somebody to the provider and their return. */
interface Attempt {
  readonly verifier: string;
  readonly nonce: string;
  readonly next: string;
  /** Hash of a secret in the browser's cookie: a link that somebody else has begun is of no use. */
  readonly browser: Buffer;
  readonly expiresAt: number;
}

const ATTEMPT_MS = 10 * 60_000;
const MAX_ATTEMPTS = 2000;
const DEADLINE_SECONDS = 10;
const MAX_GROUPS = 1000;
const MAX_NAME = 200;

/** Sign-in by an OpenID Connect provider: authorization code flow with PKCE, state and nonce; openid-client checks issuer, audience and signature. */
export class OidcSignIn {
  readonly #rules: OidcRules;
  readonly #roles: Roles;
  readonly #redirect: string;
  readonly #clock: Clock;
  readonly #attempts = new Map<string, Attempt>();
  #found: Promise<Configuration> | null = null;

  constructor(rules: OidcRules, options: { readonly roles: Roles; readonly redirect: string; readonly clock: Clock }) {
    this.#rules = rules;
    this.#roles = options.roles;
    this.#redirect = options.redirect;
    this.#clock = options.clock;
  }

  get label(): string {
    return this.#rules.label;
  }

  /** Where to send the browser, and the secret for its cookie. Errors: SourceUnavailable where the provider does not answer. */
  async begin(next: string): Promise<{ readonly url: string; readonly browser: string }> {
    const configuration = await this.#configuration();
    const verifier = randomPKCECodeVerifier();
    const nonce = randomNonce();
    const state = randomState();
    const browser = randomBytes(32).toString('base64url');
    this.#remember(state, {
      verifier,
      nonce,
      next,
      browser: hashOf(browser),
      expiresAt: this.#clock.now() + ATTEMPT_MS,
    });
    const url = buildAuthorizationUrl(configuration, {
      redirect_uri: this.#redirect,
      scope: this.#rules.scopes.join(' '),
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    return { url: url.href, browser };
  }

  /** Who has come back. Each attempt counts once. Errors: NotSignedIn for whatever does not fit, SourceUnavailable. */
  async finish(
    query: string,
    browser: string | null,
  ): Promise<{ readonly principal: Principal; readonly next: string }> {
    const returned = new URL(`${this.#redirect}?${query}`);
    const state = returned.searchParams.get('state') ?? '';
    const attempt = this.#attempts.get(state);
    this.#attempts.delete(state);
    if (attempt === undefined || attempt.expiresAt <= this.#clock.now()) {
      throw new NotSignedIn('expected an attempt to sign in that was begun here in the last 10 minutes; begin again');
    }
    if (browser === null || !timingSafeEqual(hashOf(browser), attempt.browser)) {
      throw new NotSignedIn('expected the browser that began to sign in, found another one; begin again');
    }
    const claims = await this.#claims(returned, attempt, state);
    return { principal: this.#principal(claims), next: attempt.next };
  }

  async #claims(returned: URL, attempt: Attempt, state: string): Promise<IDToken> {
    const configuration = await this.#configuration();
    try {
      const answer = await authorizationCodeGrant(configuration, returned, {
        pkceCodeVerifier: attempt.verifier,
        expectedState: state,
        expectedNonce: attempt.nonce,
        idTokenExpected: true,
      });
      const claims = answer.claims();
      if (claims === undefined) throw new NotSignedIn('expected an ID token from the provider, found none');
      return claims;
    } catch (error) {
      if (error instanceof NotSignedIn) throw error;
      throw new NotSignedIn(`the provider's answer was refused: ${messageOf(error)}`, {}, { cause: error });
    }
  }

  /** Who somebody is, is told by `sub`: an address can be given to somebody else, and some providers let people choose it. */
  #principal(claims: IDToken): Principal {
    const address = typeof claims.email === 'string' ? claims.email : null;
    const believed =
      address !== null && (claims.email_verified === true || !this.#rules.verifiedEmail) ? address : null;
    const listed: unknown = claims[this.#rules.groupsClaim];
    const groups = (Array.isArray(listed) ? listed : [listed])
      .slice(0, MAX_GROUPS)
      .filter((group) => typeof group === 'string');
    const found = mappedRole({ groups, email: believed }, this.#rules.mapping, this.#roles);
    if (found === null) {
      const hint = address !== null && believed === null ? ', and the e-mail address is not verified' : '';
      throw new NotSignedIn(`the provider knows you, but nothing in auth.oidc.mapping gives you a role${hint}`);
    }
    const { role, scope } = found;
    // Whoever may choose a name chooses somebody else’s: the audit must tell who it was.
    const chosen = typeof claims.name === 'string' ? `${claims.name.slice(0, MAX_NAME)} ` : '';
    const name = believed ?? `${chosen}(${claims.sub.slice(0, MAX_NAME)})`;
    return {
      kind: 'oidc',
      id: claims.sub,
      name,
      role: role.name,
      permissions: role.permissions,
      actions: role.actions,
      scope,
    };
  }

  /** Read once, and again after a failure: a provider that is away at the start keeps nothing from starting. */
  async #configuration(): Promise<Configuration> {
    const { issuer, clientId, clientSecret, allowHttp } = this.#rules;
    this.#found ??= discovery(new URL(issuer), clientId, clientSecret, undefined, {
      timeout: DEADLINE_SECONDS,
      // The signature too, although the token comes by way of TLS from the provider itself.
      execute: [enableNonRepudiationChecks, ...(allowHttp ? [allowInsecureRequests] : [])],
    });
    try {
      return await this.#found;
    } catch (error) {
      this.#found = null;
      throw new SourceUnavailable(
        `the provider at ${issuer} does not answer: ${messageOf(error)}`,
        {},
        { cause: error },
      );
    }
  }

  #remember(state: string, attempt: Attempt): void {
    const now = this.#clock.now();
    for (const [key, { expiresAt }] of this.#attempts) {
      if (expiresAt > now && this.#attempts.size < MAX_ATTEMPTS) break;
      this.#attempts.delete(key);
    }
    this.#attempts.set(state, attempt);
  }
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
