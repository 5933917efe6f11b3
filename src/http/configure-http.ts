import { RequestMethod } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import { AllowedMethods } from './allowed-methods.js';
import { refuseCrossSiteRequests } from './cross-site-requests.js';
import { openApiDocument } from './openapi-document.js';
import { ProblemFilter } from './problem.filter.js';
import { validationPipe } from './validation.js';

export const API_PREFIX = 'api/v1/celery';

/** For `NestFactory.create`: the parsers are set below, with bounds of our own, and forms are not accepted at all. */
export const HTTP_OPTIONS = { bodyParser: false } as const;

const MAX_BODY = '256kb';

/** Paths that scrapers and probes expect at the root. */
const OUTSIDE_PREFIX = ['metrics', 'health/live', 'health/ready'];

/** Everything about HTTP that is not a route: prefix, limits, headers, validation, errors, documentation. Call before `init` or `listen`. */
export function configureHttp(app: NestExpressApplication): void {
  setPrefix(app);
  // Answers are live: an ETag would cost a hash of each and never match.
  app.disable('etag');
  app.disable('x-powered-by');
  app.use(setHeaders);
  app.use(refuseCrossSiteRequests);
  app.useBodyParser('json', { limit: MAX_BODY });
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(new ProblemFilter(new AllowedMethods(app.getHttpAdapter().getInstance())));
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'docs/openapi.json',
    yamlDocumentUrl: 'docs/openapi.yaml',
    customSiteTitle: 'Taskscope API',
  });
}

/** Also needed by itself, for the document made without a server. */
export function setPrefix(app: Pick<NestExpressApplication, 'setGlobalPrefix'>): void {
  app.setGlobalPrefix(API_PREFIX, { exclude: OUTSIDE_PREFIX.map((path) => ({ path, method: RequestMethod.GET })) });
}

function setHeaders(_: Request, response: Response, next: NextFunction): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('X-Frame-Options', 'DENY');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cache-Control', 'no-store');
  next();
}
