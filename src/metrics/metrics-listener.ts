import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Source } from '../core/source.js';
import type { Transition } from '../core/transition.js';
import type { IntakeListener, Notice } from '../queue-inspector/intake-listener.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { EventCounts } from './event-counts.js';
import { ServiceMetrics } from './service-metrics.js';
import { TaskRecorder } from './task-recorder.js';

/** Joins the recorders to the inspector, from construction on: what engines tell before that is not counted. */
@Injectable()
export class MetricsListener implements IntakeListener, OnModuleDestroy {
  readonly #end: () => void;

  constructor(
    inspector: QueueInspector,
    private readonly tasks: TaskRecorder,
    private readonly events: EventCounts,
    private readonly service: ServiceMetrics,
  ) {
    this.#end = inspector.listen(this);
  }

  transitions(source: Source, batch: readonly Transition[]): void {
    this.tasks.transitions(source, batch);
    this.events.transitions(source, batch);
  }

  notice(source: Source, notice: Notice): void {
    this.tasks.notice(source, notice);
    this.events.notice(source, notice);
  }

  onModuleDestroy(): void {
    this.#end();
    this.service.stop();
  }
}
