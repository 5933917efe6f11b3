import type { DynamicModule, NestApplicationOptions, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ApiAdapter } from './api-adapter.js';
import { configureHttp, HTTP_OPTIONS } from './configure-http.js';

/** The application over a root module, ready to listen. Errors while it is put together are thrown, not answered by ending the process. */
export async function createHttpApp(
  root: Type | DynamicModule,
  options: Pick<NestApplicationOptions, 'logger' | 'bufferLogs' | 'forceCloseConnections'> = {},
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(root, new ApiAdapter(), {
    ...options,
    ...HTTP_OPTIONS,
    abortOnError: false,
  });
  configureHttp(app);
  return app;
}
