import { Injectable } from '@nestjs/common';
import type { SourceStatus } from '../core/source.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { HealthProbe, type ProbeAnswer } from './health-probe.decorator.js';

/**
 * Ready once every source has answered. A broker that goes away later makes the service degraded, not unready: it still shows what it knew,
 * and says so; taking it out of service would take that away too. Reads what is known and asks no broker.
 */
@Injectable()
export class SourceProbe {
  constructor(private readonly inspector: QueueInspector) {}

  @HealthProbe('sources')
  async sources(): Promise<readonly ProbeAnswer[]> {
    return [
      ...this.inspector.views().map(({ source, status }) => answerOf(`source:${source.name}`, status)),
      // A broker that answers but holds nothing yet is as ready as it will get by itself.
      // Everybody may read this: where a broker is stands in the log.
      ...this.inspector.unresolved().map(({ status }, at) => answerOf(`broker:${at + 1}`, status)),
    ];
  }
}

function answerOf(name: string, status: SourceStatus): ProbeAnswer {
  if (status.lastAnswerAt === null) return { name, status: 'down', message: 'has not answered yet' };
  if (status.connection === 'connected') return { name, status: 'up', message: null };
  return { name, status: 'degraded', message: status.connection };
}
