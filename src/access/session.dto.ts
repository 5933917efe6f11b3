import { ApiProperty } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';
import type { Permission } from '../auth/permission.decorator.js';
import { PRINCIPAL_KINDS, type Principal, type PrincipalKind } from '../auth/principal.js';
import { PERMISSIONS } from '../core/permissions.js';
import { isoTime } from '../http/iso-time.js';

const MAX_NAME = 200;
const MAX_PASSWORD = 1000;

export class SignInDto {
  @ApiProperty({ type: String, minLength: 1, maxLength: MAX_NAME, example: 'ada' })
  @IsString({ message: `a text of 1 to ${MAX_NAME} characters` })
  @Length(1, MAX_NAME, { message: `a text of 1 to ${MAX_NAME} characters` })
  readonly name: string = '';

  @ApiProperty({ type: String, minLength: 1, maxLength: MAX_PASSWORD, format: 'password' })
  @IsString({ message: `a text of 1 to ${MAX_PASSWORD} characters` })
  @Length(1, MAX_PASSWORD, { message: `a text of 1 to ${MAX_PASSWORD} characters` })
  readonly password: string = '';
}

/** The ways to sign in that this service has. */
export class WaysToSignInDto {
  /** False where whoever reaches the service may use it. */
  readonly required: boolean;
  /** By name and password: POST to this path. */
  readonly password: boolean;
  /**
   * By an OpenID Connect provider: send the browser to this path, with `?next=` and the path to come back to; null where there is none.
   * @example '/api/v1/celery/session/oidc'
   */
  readonly oidc_path: string | null;
  /**
   * What to write on the button.
   * @example 'Sign in with Example'
   */
  readonly oidc_label: string | null;

  constructor(ways: WaysToSignInDto) {
    this.required = ways.required;
    this.password = ways.password;
    this.oidc_path = ways.oidc_path;
    this.oidc_label = ways.oidc_label;
  }
}

/** Who asks, what they may do, and how the service was started. */
export class SessionDto {
  /** False where nobody has signed in and somebody has to. */
  readonly authenticated: boolean;
  /** local: nobody has to sign in. proxy: a trusted proxy names the caller. */
  @ApiProperty({ type: String, enum: [...PRINCIPAL_KINDS], nullable: true })
  readonly kind: PrincipalKind | null;
  /** For people to read. */
  readonly name: string | null;
  readonly role: string | null;
  /** What the caller may do; read-only mode is already taken off. */
  @ApiProperty({ enum: [...PERMISSIONS], enumName: 'Permission', isArray: true })
  readonly permissions: readonly Permission[];
  /** Of the operations that change something only these, by operationId; null for all. */
  @ApiProperty({ type: [String], nullable: true })
  readonly actions: readonly string[] | null;
  /** Only these sources, by name or beginning and `*`; null for all. */
  @ApiProperty({ type: [String], nullable: true })
  readonly sources: readonly string[] | null;
  /** Only these queues; null for all. */
  @ApiProperty({ type: [String], nullable: true })
  readonly queues: readonly string[] | null;
  /** When the session ends if it is not used again; null for callers without one. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly expires_at: string | null;
  /** The service changes nothing, whoever asks. */
  readonly read_only: boolean;
  /** The service was started with --insecure: whoever reaches it may use it. To be shown on every page. */
  readonly insecure: boolean;
  @ApiProperty({ type: WaysToSignInDto })
  readonly sign_in: WaysToSignInDto;

  constructor(found: {
    readonly principal: Principal | null;
    readonly permissions: ReadonlySet<Permission>;
    readonly expiresAt: number | null;
    readonly readOnly: boolean;
    readonly insecure: boolean;
    readonly signIn: WaysToSignInDto;
  }) {
    const { principal } = found;
    this.authenticated = principal !== null;
    this.kind = principal?.kind ?? null;
    this.name = principal?.name ?? null;
    this.role = principal?.role ?? null;
    this.permissions = PERMISSIONS.filter((permission) => found.permissions.has(permission));
    this.actions = principal === null || principal.actions === null ? null : [...principal.actions];
    this.sources = principal?.scope.sources ?? null;
    this.queues = principal?.scope.queues ?? null;
    this.expires_at = isoTime(found.expiresAt);
    this.read_only = found.readOnly;
    this.insecure = found.insecure;
    this.sign_in = found.signIn;
  }
}
