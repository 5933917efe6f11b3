import type { DynamicModule, NestApplicationOptions, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ApiAdapter } from './api-adapter.js';
import { configureHttp, HTTP_OPTIONS } from './configure-http.js';
import type { HttpGates, HttpRules } from './http-rules.js';

export interface HttpAppOptions
  extends Pick<NestApplicationOptions, 'logger' | 'bufferLogs' | 'forceCloseConnections' | 'httpsOptions'> {
  readonly http: {
    readonly rules: HttpRules;
    /** Made of what the application itself provides. */
    readonly gates: (app: NestExpressApplication) => HttpGates;
  };
}

/** The application over a root module, ready to listen. Errors while it is put together are thrown, not answered by ending the process. */
export async function createHttpApp(
  root: Type | DynamicModule,
  { http, ...options }: HttpAppOptions,
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(root, new ApiAdapter(), {
    ...options,
    ...HTTP_OPTIONS,
    abortOnError: false,
  });
  configureHttp(app, http.rules, http.gates(app));
  return app;
}
