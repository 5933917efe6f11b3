import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { ACCESS_KEY } from './permission.decorator.js';

/**
 * Refuses to start while any route handler, third-party controllers included, does not say who may call it: a forgotten decorator is found
 * by the first start, not by the first stranger.
 */
@Injectable()
export class PermissionCheck implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  onModuleInit(): void {
    const open = this.#handlersWithoutAccess();
    if (open.length === 0) return;
    throw new Error(
      `expected every route handler to declare @Permission(…) or @Public(), found none on: ${open.sort().join(', ')}`,
    );
  }

  #handlersWithoutAccess(): string[] {
    const found: string[] = [];
    for (const { metatype } of this.discovery.getControllers()) {
      if (typeof metatype !== 'function') continue;
      const prototype: unknown = metatype.prototype;
      if (typeof prototype !== 'object' || prototype === null) continue;
      for (const name of this.scanner.getAllMethodNames(prototype)) {
        const handler: unknown = Reflect.get(prototype, name);
        if (typeof handler !== 'function' || !Reflect.hasMetadata(PATH_METADATA, handler)) continue;
        if (Reflect.hasMetadata(ACCESS_KEY, handler) || Reflect.hasMetadata(ACCESS_KEY, metatype)) continue;
        found.push(`${metatype.name}.${name}`);
      }
    }
    return found;
  }
}
