import { type DynamicModule, Module } from '@nestjs/common';
import { Clock } from '../core/clock.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { LiveController } from './live.controller.js';
import type { LiveOptions } from './live-feed.js';
import { LiveFeeds } from './live-feeds.js';

/** Faster than a person reads, slow enough that one text per tick costs next to nothing. */
const ORDINARY: LiveOptions = { tickMs: 1_000, ageMs: 10_000 };

@Module({})
export class LiveModule {
  static with(options = ORDINARY): DynamicModule {
    return {
      module: LiveModule,
      controllers: [LiveController],
      providers: [
        {
          provide: LiveFeeds,
          inject: [QueueInspector, Clock],
          useFactory: (inspector: QueueInspector, clock: Clock) => new LiveFeeds(inspector, clock, options),
        },
      ],
    };
  }
}
