import { createHash } from 'node:crypto';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule } from '@nestjs/swagger';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { openApiDocument } from './openapi-document.js';
import { allowStyles } from './security-headers.js';

/** What a style attribute of the page says, which the policy does not allow. */
const HIDDEN_ICONS = 'body > svg { position: absolute; width: 0; height: 0; }';

/** Swagger UI at /docs, and the document itself, for whom the gate lets through. */
export function serveDocumentation(app: NestExpressApplication, gate: RequestHandler): void {
  app.use('/docs', gate, allowOwnStyles);
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'docs/openapi.json',
    yamlDocumentUrl: 'docs/openapi.yaml',
    customSiteTitle: 'Taskscope API',
    customCss: HIDDEN_ICONS,
  });
}

/** The page comes with style elements, which are allowed by the hash of what they say, and no scripts of its own. */
function allowOwnStyles(_: Request, response: Response, next: NextFunction): void {
  const send = response.send.bind(response);
  response.send = (body?: unknown): Response => {
    if (typeof body !== 'string' || !/^\s*<!/.test(body)) return send(body);
    const page = body.replace(/(<svg\b[^>]*?)\sstyle="[^"]*"/g, '$1');
    allowStyles(response, [...page.matchAll(/<style>(.*?)<\/style>/gs)].map(([, style = '']) => style).map(hashOf));
    return send(page);
  };
  next();
}

function hashOf(style: string): string {
  return `'sha256-${createHash('sha256').update(style).digest('base64')}'`;
}
