import { type DynamicModule, Logger, Module } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, DiscoveryModule } from '@nestjs/core';
import { Clock } from '../core/clock.js';
import type { Redactor } from '../core/redaction.js';
import { AccessGates } from './access-gates.js';
import { AccessPolicy } from './access-policy.js';
import type { AccessRules } from './access-rules.js';
import { TokenStore } from './api-token.js';
import { AuditLog } from './audit-log.js';
import { auditWatch } from './audit-watch.js';
import { Authenticator } from './authenticator.js';
import { CallerInterceptor } from './caller.interceptor.js';
import { LimitGuard, StreamGuard } from './limit.guard.js';
import { PermissionGuard } from './permission.guard.js';
import { PermissionCheck } from './permission-check.js';
import { type LimitRules, RequestLimits } from './request-limits.js';
import { SessionStore } from './session-store.js';
import { StreamSlots } from './stream-slots.js';

export interface AuthOptions {
  readonly rules: AccessRules;
  readonly limits: LimitRules;
  readonly tokens: TokenStore;
  readonly audit: AuditLog;
  readonly redact: Redactor;
}

/**
 * Puts the guards before every handler of the application, whichever module it is in, and checks at start that all declare a permission.
 * Needs `Clock` from a global module.
 */
@Module({})
export class AuthModule {
  static forRoot({ rules, limits, tokens, audit, redact }: AuthOptions): DynamicModule {
    const log = new Logger('Audit');
    return {
      module: AuthModule,
      global: true,
      imports: [DiscoveryModule],
      providers: [
        { provide: TokenStore, useValue: tokens },
        { provide: AuditLog, useValue: audit },
        { provide: RequestLimits, useValue: new RequestLimits(limits) },
        { provide: StreamSlots, useValue: new StreamSlots(limits.streams) },
        {
          provide: SessionStore,
          inject: [Clock],
          useFactory: (clock: Clock) => new SessionStore(clock, rules.sessions),
        },
        {
          provide: AccessPolicy,
          inject: [Clock, SessionStore],
          useFactory: (clock: Clock, sessions: SessionStore) => new Authenticator(rules, { clock, tokens, sessions }),
        },
        {
          provide: AccessGates,
          inject: [AccessPolicy, Clock],
          useFactory: (policy: AccessPolicy, clock: Clock) =>
            new AccessGates(policy, auditWatch({ audit, clock, redact, log: (line) => log.log(line) })),
        },
        { provide: APP_GUARD, useClass: LimitGuard },
        { provide: APP_GUARD, useClass: PermissionGuard },
        { provide: APP_GUARD, useClass: StreamGuard },
        { provide: APP_INTERCEPTOR, useClass: CallerInterceptor },
        PermissionCheck,
      ],
      exports: [TokenStore, AuditLog, RequestLimits, SessionStore, AccessPolicy, AccessGates],
    };
  }
}
