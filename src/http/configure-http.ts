import { RequestMethod } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AllowedMethods } from './allowed-methods.js';
import { serveDocumentation } from './api-documentation.js';
import { boundConnections } from './connection-bounds.js';
import { allowOrigins } from './cross-origin-readers.js';
import { refuseCrossSiteRequests } from './cross-site-requests.js';
import { type HttpGates, type HttpRules, LOCAL_HTTP, OPEN_GATES } from './http-rules.js';
import { MAX_BODY_BYTES, refuseLargeBodies, refuseOddBodies, refuseOtherBodies } from './json-bodies.js';
import { refuseForeignHosts } from './known-hosts.js';
import { endPipelined } from './pipelined-requests.js';
import { ProblemFilter } from './problem.filter.js';
import { securityHeaders } from './security-headers.js';
import { answerAlways } from './unconditional-requests.js';
import { validationPipe } from './validation.js';

export const API_PREFIX = 'api/v1/celery';

/** For `NestFactory.create`: the parsers are set below, with bounds of our own, and forms are not accepted at all. */
export const HTTP_OPTIONS = { bodyParser: false } as const;

/** Paths that scrapers and probes expect at the root. */
const OUTSIDE_PREFIX = ['metrics', 'health/live', 'health/ready'];

/** Everything about HTTP that is not a route: prefix, limits, headers, validation, errors, documentation. Call before `init` or `listen`. */
export function configureHttp(
  app: NestExpressApplication,
  rules: HttpRules = LOCAL_HTTP,
  gates: HttpGates = OPEN_GATES,
): void {
  setPrefix(app);
  // Answers are live: an ETag would cost a hash of each and never match.
  app.disable('etag');
  app.disable('x-powered-by');
  app.set('trust proxy', [...rules.trustedProxies]);
  const own = rules.publicUrl === null ? [] : [new URL(rules.publicUrl)];
  app.use(endPipelined);
  app.use(answerAlways);
  app.use(gates.watch);
  app.use(securityHeaders());
  app.use(refuseForeignHosts([...rules.hosts, ...own.map(({ hostname }) => hostname)]));
  app.use(allowOrigins(rules.corsOrigins));
  app.use(refuseCrossSiteRequests([...rules.corsOrigins, ...own.map(({ origin }) => origin)]));
  app.use(refuseOtherBodies);
  app.use(refuseLargeBodies);
  app.useBodyParser('json', { limit: MAX_BODY_BYTES });
  app.use(refuseOddBodies);
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(new ProblemFilter(new AllowedMethods(app.getHttpAdapter().getInstance())));
  serveDocumentation(app, gates.docs);
  boundConnections(app.getHttpServer());
}

/** Also needed by itself, for the document made without a server. */
export function setPrefix(app: Pick<NestExpressApplication, 'setGlobalPrefix'>): void {
  app.setGlobalPrefix(API_PREFIX, { exclude: OUTSIDE_PREFIX.map((path) => ({ path, method: RequestMethod.GET })) });
}
