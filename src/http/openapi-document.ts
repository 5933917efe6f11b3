import { STATUS_CODES } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { ProblemDto } from './problem.dto.js';

const DESCRIPTION = `Watches and controls Celery, Bull and BullMQ.

Every item carries \`source\` and \`engine\`. Times are ISO 8601 in UTC, except \`time_start\`, which is in epoch seconds. \`null\` means that
the engine cannot know; \`0\` and \`[]\` mean none. Errors are problem documents (RFC 9457).`;

/** The OpenAPI document, from the decorators of whatever modules the application has. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Taskscope')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addTag('tasks', 'What runs, waits and has run; search; what can be done to one')
    .addTag('workers', 'Who runs it')
    .addTag('queues', 'Where it waits')
    .addTag('schedules', 'What repeats')
    .addTag('bulk operations', 'Something done to many tasks')
    .addTag('metrics', 'Numbers over time')
    .addTag('deployments', 'What people have changed, beside the numbers')
    .addTag('health', 'Whether all is well, for people and for probes')
    .addTag('access', 'Who may do what, and who did')
    .addTag('sources', 'The brokers that are watched')
    .addTag('live', 'What changes, as it changes')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API token' })
    .addSecurityRequirements('bearer')
    .build();
  const document = SwaggerModule.createDocument(app, config, { extraModels: [ProblemDto] });
  describeResponses(document);
  return document;
}

/** A response must have a description; where its decorator gives none, the words of its status do. */
function describeResponses(document: OpenAPIObject): void {
  for (const { get, post, put, patch, delete: remove } of Object.values(document.paths)) {
    for (const operation of [get, post, put, patch, remove]) {
      for (const [status, response] of Object.entries(operation?.responses ?? {})) {
        if (response !== undefined && 'description' in response && response.description === '') {
          response.description = STATUS_CODES[status] ?? status;
        }
      }
    }
  }
}
