import { messageOf, SourceUnavailable } from '../core/errors.js';
import type { FailureGroups, FailureQuery } from '../core/failure.js';
import type { HistoryStore, SuggestedField } from '../core/history-store.js';
import type { SeriesQuery, SeriesRow } from '../core/series.js';
import type { QueueInspector } from '../queue-inspector/queue-inspector.js';
import { groupFailures } from './failure-groups.js';
import { liveFailures, liveTerms } from './live-statistics.js';

export interface SeriesReader {
  series(query: SeriesQuery): Promise<readonly SeriesRow[]>;
}

export interface StatisticsParts {
  readonly inspector: QueueInspector;
  /** null where nothing is stored: then memory answers. */
  readonly store: HistoryStore | null;
  readonly series: SeriesReader;
}

/** What charts, groups and completions are made of: the history, else memory. Errors: SourceUnavailable where the history cannot be asked. */
export class StatisticsArchive {
  readonly #o: StatisticsParts;

  constructor(parts: StatisticsParts) {
    this.#o = parts;
  }

  series(query: SeriesQuery): Promise<readonly SeriesRow[]> {
    return asked(this.#o.series.series(query));
  }

  async failures(query: FailureQuery): Promise<FailureGroups> {
    const { store, inspector } = this.#o;
    return store === null
      ? groupFailures(liveFailures(inspector.liveTasks(), query), query, true)
      : asked(store.failures(query));
  }

  async suggest(field: SuggestedField, text: string, limit: number): Promise<readonly string[]> {
    const { store, inspector } = this.#o;
    return store === null
      ? liveTerms(inspector.liveTasks(), field, text).slice(0, limit)
      : asked(store.suggest(field, text, limit));
  }
}

async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw new SourceUnavailable(`the history is not available: ${messageOf(error)}`, {}, { cause: error });
  }
}
