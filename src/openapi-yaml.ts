import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { dump } from 'js-yaml';
import { AppModule } from './app.module.js';
import { MemoryAuditLog } from './auth/memory-audit-log.js';
import { MemoryTokenStore } from './auth/memory-token-store.js';
import { settingsSchema } from './config/settings-schema.js';
import { SystemClock } from './core/clock.js';
import { NO_HISTORY } from './history/history.module.js';
import { setPrefix } from './http/configure-http.js';
import { openApiDocument } from './http/openapi-document.js';
import { QueueInspector } from './queue-inspector/queue-inspector.js';

/**
 * openapi.yaml from the decorators, without a server, a broker or an instance of anything: Nest only looks at the classes. Must run on what
 * `nest build` made, because the Swagger plugin, which reads types and comments, works there only.
 */
export async function openApiYaml(): Promise<string> {
  const settings = settingsSchema.parse({});
  const clock = new SystemClock();
  const inspector = new QueueInspector(clock, {
    inspection: settings.inspection,
    live: { maxTasks: 1, maxBytes: 1 },
    workerGraceMs: 0,
    commandDeadlineMs: 0,
    statusChanged: () => undefined,
  });
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.with({
      settings,
      inspector,
      clock,
      history: NO_HISTORY,
      tokens: new MemoryTokenStore(),
      audit: new MemoryAuditLog(),
    }),
    {
      preview: true,
      logger: ['error'],
      abortOnError: false,
    },
  );
  setPrefix(app);
  return dump(openApiDocument(app), { lineWidth: 140, noRefs: true });
}
