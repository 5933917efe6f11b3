import { type DynamicModule, Module } from '@nestjs/common';
import { AccessPolicy } from '../auth/access-policy.js';
import type { AccessRules } from '../auth/access-rules.js';
import { Roles } from '../auth/roles.js';
import { SessionStore } from '../auth/session-store.js';
import { Clock } from '../core/clock.js';
import { AuditController } from './audit.controller.js';
import { SessionController } from './session.controller.js';
import { SignIns } from './sign-ins.js';
import { TokensController } from './tokens.controller.js';

/** Coming in and going, tokens, and who did what, over HTTP. */
@Module({})
export class AccessModule {
  static forRoot(rules: AccessRules): DynamicModule {
    return {
      module: AccessModule,
      controllers: [SessionController, TokensController, AuditController],
      providers: [
        { provide: Roles, useValue: new Roles(rules.roles) },
        {
          provide: SignIns,
          inject: [AccessPolicy, SessionStore, Clock],
          useFactory: (policy: AccessPolicy, sessions: SessionStore, clock: Clock) =>
            new SignIns(rules, { policy, sessions, clock }),
        },
      ],
    };
  }
}
