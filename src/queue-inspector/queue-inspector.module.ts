import { type DynamicModule, Module } from '@nestjs/common';
import { QueueInspector } from './queue-inspector.js';

/** Gives every feature the one shared inspector. Made by the application, which knows the brokers, and handed in ready. */
@Module({})
export class QueueInspectorModule {
  static with(inspector: QueueInspector): DynamicModule {
    return {
      module: QueueInspectorModule,
      global: true,
      providers: [{ provide: QueueInspector, useValue: inspector }],
      exports: [QueueInspector],
    };
  }
}
