import { Injectable } from '@nestjs/common';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { NotSignedIn, PermissionDenied } from '../core/errors.js';
import { AccessPolicy } from './access-policy.js';
import { grantsFor } from './request-access.js';

/** What stands before routes that are no handlers of a controller. */
@Injectable()
export class AccessGates {
  /** Writes down what becomes of requests; goes before everything else. */
  readonly watch: RequestHandler;
  readonly #policy: AccessPolicy;

  constructor(policy: AccessPolicy, watch: RequestHandler) {
    this.#policy = policy;
    this.watch = watch;
  }

  /** Swagger's pages, for who may see them. */
  readonly docs = (request: Request, _: Response, next: NextFunction): void => {
    const grants = grantsFor(request, this.#policy);
    if (grants.invalid !== undefined) next(new NotSignedIn(grants.invalid));
    else if (grants.permissions.has('view-docs')) next();
    else if (grants.principal === null) next(new NotSignedIn(`expected the permission "view-docs"; ${grants.refusal}`));
    else
      next(new PermissionDenied(`expected the permission "view-docs"; ${grants.refusal}`, { permission: 'view-docs' }));
  };
}
