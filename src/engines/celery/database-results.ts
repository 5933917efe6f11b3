import type { Clock } from '../../core/clock.js';
import { messageOf, SourceUnavailable } from '../../core/errors.js';
import type { BrokerCost } from '../../core/queue-engine.js';
import type { Redactor } from '../../core/redaction.js';
import { isTooDeep, textIn } from './json-fields.js';
import { errorOfEvent } from './python-error.js';
import { parsePythonJson } from './python-json.js';
import type { LatencyListener, ResultBackend, StoredArguments, StoredResult } from './result-backend.js';
import { stateOfStatus } from './result-row.js';
import type { TaskMeta, TaskMetaReader } from './task-meta.js';

export interface DatabaseResultsOptions {
  readonly reader: TaskMetaReader;
  readonly clock: Clock;
  readonly redact: Redactor;
  readonly latency: LatencyListener;
}

/** Celery's results in SQLAlchemy's table: how a task ended and, with `result_extended`, what it was sent with; its result by size alone. */
export class DatabaseResults implements ResultBackend {
  readonly #options: DatabaseResultsOptions;
  #asked = 0;

  constructor(options: DatabaseResultsOptions) {
    this.#options = options;
  }

  async find(id: string, _signal: AbortSignal): Promise<StoredResult | null> {
    const meta = await this.#read(id);
    return meta === null ? null : { kind: 'row', row: this.#row(meta) };
  }

  async argumentsOf(id: string, _signal: AbortSignal): Promise<StoredArguments | null> {
    const { args = null, kwargs = null } = (await this.#read(id)) ?? {};
    if (!args?.startsWith('[') || !kwargs?.startsWith('{')) return null;
    return jsonOf(args) === null || jsonOf(kwargs) === null ? null : { args, kwargs };
  }

  cost(): BrokerCost {
    return { connections: 0, commands: this.#asked, bytesRead: 0, reconnects: 0 };
  }

  stop(): Promise<void> {
    return this.#options.reader.close();
  }

  /** Throws SourceUnavailable within the seconds that a reader waits. */
  async #read(id: string): Promise<TaskMeta | null> {
    const { reader, clock, latency } = this.#options;
    this.#asked += 1;
    const began = clock.monotonic();
    try {
      const meta = await reader.read(id);
      latency('get', clock.monotonic() - began);
      return meta;
    } catch (error) {
      throw new SourceUnavailable(`the result backend does not answer: ${messageOf(error)}`, {}, { cause: error });
    }
  }

  #row(meta: TaskMeta): Extract<StoredResult, { kind: 'row' }>['row'] {
    const { redact } = this.#options;
    const { known, state } = stateOfStatus(meta.status);
    const opaque = meta.resultBytes === 0 ? null : { opaque: true, bytes: meta.resultBytes };
    const failed = state === 'FAILURE' || state === 'RETRY';
    return {
      state,
      status: meta.status,
      result: state === 'SUCCESS' ? opaque : null,
      progress: known ? null : opaque,
      error: failed && meta.traceback !== null ? errorOfEvent(null, meta.traceback) : null,
      traceback: textIn(redact(meta.traceback)),
      finishedAt: meta.finishedAt,
      parentId: null,
      groupId: null,
      childIds: [],
      name: meta.name,
      args: redact(jsonOf(meta.args)),
      kwargs: redact(jsonOf(meta.kwargs)),
      worker: meta.worker,
      queue: meta.queue,
      retries: meta.retries,
    };
  }
}

function jsonOf(text: string | null): unknown {
  try {
    const value = text === null ? null : parsePythonJson(text);
    return isTooDeep(value) ? null : value;
  } catch {
    return null; // a pickle, where the application has chosen that
  }
}
