import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { problem } from '../http/problem.js';
import { sendProblem } from '../http/send-problem.js';
import { type DashboardFile, readDashboard } from './dashboard-files.js';
import { contentSecurityPolicy, dashboardPage } from './dashboard-page.js';

export interface DashboardPlace {
  /** Path it is served under, such as `/flower`. */
  readonly prefix: string;
  /** The API's path, without a slash at its beginning. */
  readonly apiPath: string;
}

/** Beside `dist/src`, where scripts/prepare.mjs has it built. */
export const BUILT_DASHBOARD = fileURLToPath(new URL('../../dashboard/', import.meta.url));

const ENTRY = 'index.html';
const NOT_BUILT = 'expected the dashboard in dist/dashboard, found none: run npm run build';

/** Ids may end like a file name too, but only what lies directly below the prefix, or in assets/, can be a file of ours. */
const CAN_ONLY_BE_A_FILE = /^\/(?:assets\/.*|[^/]+)\.[a-z0-9]+$/i;

/**
 * Answers everything below the prefix: files as they are, and every other address with the page, which reads the address itself. Open to
 * everybody: it holds no data, and whoever has to sign in needs it to do so.
 */
export function serveDashboard(place: DashboardPlace, folder = BUILT_DASHBOARD): RequestHandler {
  const files = readDashboard(folder);
  const entry = files.get(ENTRY);
  const template = entry?.body.toString('utf8');
  const prefixDepth = place.prefix.split('/').length - 1;

  const page = (path: string, response: Response): void => {
    const nonce = randomBytes(18).toString('base64');
    const depth = path.split('/').length - 2;
    response
      .status(200)
      .setHeader('Content-Security-Policy', contentSecurityPolicy(nonce))
      .setHeader('Cross-Origin-Opener-Policy', 'same-origin')
      .type('text/html; charset=utf-8')
      .send(dashboardPage(template ?? '', { depth, prefixDepth, nonce, apiPath: place.apiPath }));
  };

  return (request: Request, response: Response, next: NextFunction): void => {
    const path = pathBelow(request, place.prefix);
    const file = path === null ? undefined : files.get(path.slice(1));
    if (path === null || (request.method !== 'GET' && request.method !== 'HEAD')) next();
    else if (path === '') redirectToFolder(place.prefix, request, response);
    else if (file !== undefined && file !== entry) sendFile(file, request, response);
    else if (CAN_ONLY_BE_A_FILE.test(path)) next();
    else if (template !== undefined) page(path, response);
    else sendProblem(problem(404, 'dashboard-not-built', NOT_BUILT), request, response);
  };
}

/** What follows the prefix, still percent-encoded, so that an encoded slash in an id stays one segment; null where it is another path. */
function pathBelow(request: Request, prefix: string): string | null {
  const [path = ''] = request.originalUrl.split('?', 1);
  if (path === prefix) return '';
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : null;
}

/** Relative, as everything here: the proxy in front may have put a path before ours. */
function redirectToFolder(prefix: string, request: Request, response: Response): void {
  const query = request.originalUrl.indexOf('?');
  const name = prefix.slice(prefix.lastIndexOf('/') + 1);
  response.status(308).setHeader('Location', `${name}/${query === -1 ? '' : request.originalUrl.slice(query)}`);
  response.end();
}

function sendFile(file: DashboardFile, request: Request, response: Response): void {
  const packed = request.acceptsEncodings('gzip') === 'gzip';
  const body = packed ? file.gzipped : file.body;
  response.status(200);
  response.setHeader('Content-Type', file.type);
  response.setHeader('Content-Length', body.length);
  response.setHeader('Vary', 'Accept-Encoding');
  response.setHeader('Cache-Control', file.hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
  if (packed) response.setHeader('Content-Encoding', 'gzip');
  response.end(request.method === 'HEAD' ? undefined : body);
}
