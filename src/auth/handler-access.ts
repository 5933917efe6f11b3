import type { ExecutionContext } from '@nestjs/common';
import { CHANGING } from '../core/permissions.js';
import { ACCESS_KEY, type Access, SCOPE_KEY, type ScopeLimit } from './permission.decorator.js';

/** What a handler's decorators say about who may call it. */
export interface HandlerAccess {
  readonly access: Access | null;
  readonly limits: readonly ScopeLimit[];
  /** Its operationId in openapi.yaml, by which roles, tokens and the audit name it; its method's name where the document leaves it out. */
  readonly operation: string;
  readonly changing: boolean;
}

/** Where @ApiOperation of @nestjs/swagger keeps what it was given. */
const API_OPERATION = 'swagger/apiOperation';

export function handlerAccess(context: ExecutionContext): HandlerAccess {
  const handler = context.getHandler();
  const found: unknown = metadata(ACCESS_KEY, context);
  const access = isAccess(found) ? found : null;
  const limits: unknown = metadata(SCOPE_KEY, context);
  return {
    access,
    limits: Array.isArray(limits) ? limits.filter(isLimit) : [],
    operation: operationId(Reflect.getMetadata(API_OPERATION, handler)) ?? handler.name,
    changing: access !== null && access !== 'public' && CHANGING.has(access),
  };
}

function metadata(key: string, context: ExecutionContext): unknown {
  const own: unknown = Reflect.getMetadata(key, context.getHandler());
  return own === undefined ? Reflect.getMetadata(key, context.getClass()) : own;
}

function isAccess(value: unknown): value is Access {
  return typeof value === 'string';
}

function isLimit(value: unknown): value is ScopeLimit {
  return value === 'source' || value === 'queue';
}

function operationId(options: unknown): string | null {
  if (typeof options !== 'object' || options === null || !('operationId' in options)) return null;
  return typeof options.operationId === 'string' ? options.operationId : null;
}
