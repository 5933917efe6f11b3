import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { ACCESS_KEY, SCOPE_KEY } from '../../src/auth/permission.decorator.js';
import type { ApiApp } from './api-app.js';

/** A handler of a controller, with what its decorators say. */
export interface Handler {
  readonly method: string;
  /** From the root, with its parameters as `{id}`. */
  readonly path: string;
  /** A permission, `public`, or `undefined` where none is declared. */
  readonly access: string;
  readonly limits: readonly string[];
}

const AT_ROOT = ['metrics', 'health/live', 'health/ready'];

/** Every handler of every controller, from what Nest itself knows of them: a new route is among them without being named anywhere. */
export function handlersOf({ app }: ApiApp): readonly Handler[] {
  const scanner = app.get(MetadataScanner, { strict: false });
  return app
    .get(DiscoveryService, { strict: false })
    .getControllers()
    .flatMap(({ metatype }) => {
      if (typeof metatype !== 'function') return [];
      const prototype: unknown = metatype.prototype;
      if (typeof prototype !== 'object' || prototype === null) return [];
      return scanner.getAllMethodNames(prototype).flatMap((name) => {
        const handler: unknown = Reflect.get(prototype, name);
        if (typeof handler !== 'function' || !Reflect.hasMetadata(PATH_METADATA, handler)) return [];
        const of = (key: string): unknown => Reflect.getMetadata(key, handler) ?? Reflect.getMetadata(key, metatype);
        const limits: unknown = of(SCOPE_KEY);
        return [
          {
            method: String(RequestMethod[Number(Reflect.getMetadata(METHOD_METADATA, handler))]),
            path: pathOf(Reflect.getMetadata(PATH_METADATA, metatype), Reflect.getMetadata(PATH_METADATA, handler)),
            access: String(of(ACCESS_KEY)),
            limits: Array.isArray(limits) ? limits.map(String) : [],
          },
        ];
      });
    });
}

function pathOf(...parts: readonly unknown[]): string {
  const path = parts
    .map((part) => String(part).replace(/^\/+|\/+$/g, ''))
    .filter((part) => part !== '')
    .join('/');
  return `${AT_ROOT.includes(path) ? '' : '/api/v1/celery'}/${path.replaceAll(/:(\w+)/g, '{$1}')}`;
}
