import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { AccessPolicy, LocalAccess } from './access-policy.js';
import { PermissionGuard } from './permission.guard.js';
import { PermissionCheck } from './permission-check.js';

export interface AuthOptions {
  /** Refuses whatever would change something: 403 on every handler that needs `operate` or `administer`. */
  readonly readOnly: boolean;
}

/** Puts the guard before every handler of the application, whichever module it is in, and checks at start that all declare a permission. */
@Module({})
export class AuthModule {
  static forRoot(options: AuthOptions): DynamicModule {
    return {
      module: AuthModule,
      imports: [DiscoveryModule],
      providers: [
        { provide: AccessPolicy, useValue: new LocalAccess(options) },
        { provide: APP_GUARD, useClass: PermissionGuard },
        PermissionCheck,
      ],
    };
  }
}
