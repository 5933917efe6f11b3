import { type DynamicModule, Logger, Module } from '@nestjs/common';
import { Clock } from '../core/clock.js';
import type { HistoryStore } from '../core/history-store.js';
import { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { DeploymentBook } from './deployment-book.js';
import { FamilyArchive } from './family-archive.js';
import { type HistoryCondition, HistoryHealth } from './history-health.js';
import { RecordArchive } from './record-archive.js';
import { type SeriesReader, StatisticsArchive } from './statistics-archive.js';
import { TaskArchive } from './task-archive.js';

export interface HistoryParts {
  /** null where nothing is stored. */
  readonly store: HistoryStore | null;
  /** Whether everything that is known is stored. */
  readonly settled: () => boolean;
  readonly series: SeriesReader;
  readonly condition: () => HistoryCondition;
}

/** For the document, which asks nothing, and for tests that are about something else. */
export const NO_HISTORY: HistoryParts = {
  store: null,
  settled: () => true,
  series: { series: async () => [] },
  condition: () => ({ state: 'off', problem: null }),
};

/** Gives every feature the tasks of memory and history as one. Whoever makes the store opens and closes it. */
@Module({})
export class HistoryModule {
  static with({ store, settled, series, condition }: HistoryParts): DynamicModule {
    const log = new Logger('History');
    return {
      module: HistoryModule,
      global: true,
      providers: [
        { provide: DeploymentBook, useValue: new DeploymentBook(store) },
        { provide: HistoryHealth, useValue: new HistoryHealth(condition) },
        {
          provide: TaskArchive,
          inject: [QueueInspector],
          useFactory: (inspector: QueueInspector) =>
            new TaskArchive({ inspector, store, settled, warn: (message) => log.warn(message) }),
        },
        {
          provide: FamilyArchive,
          inject: [QueueInspector, TaskArchive, Clock],
          useFactory: (inspector: QueueInspector, archive: TaskArchive, clock: Clock) =>
            new FamilyArchive(inspector, archive, () => clock.monotonic()),
        },
        {
          provide: RecordArchive,
          useValue: new RecordArchive({ store, warn: (message) => log.warn(message) }),
        },
        {
          provide: StatisticsArchive,
          inject: [QueueInspector],
          useFactory: (inspector: QueueInspector) => new StatisticsArchive({ inspector, store, series }),
        },
      ],
      exports: [DeploymentBook, FamilyArchive, HistoryHealth, RecordArchive, StatisticsArchive, TaskArchive],
    };
  }
}
