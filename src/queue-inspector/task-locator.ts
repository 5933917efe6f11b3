import { AmbiguousTaskId, SourceUnavailable, TaskNotFound } from '../core/errors.js';
import type { LiveState } from '../core/live-state.js';
import type { SourceMonitor } from './source-monitor.js';
import type { TaskLocation } from './task-location.js';
import type { UnresolvedBroker } from './unresolved-broker.js';
import { visibleLocations } from './visible-locations.js';

/** Enough candidates to settle an ambiguous id by hand. */
const MAX_CANDIDATES = 20;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Finds which source, and which full id, is meant by what a person typed. */
export class TaskLocator {
  readonly #live: LiveState;
  readonly #deadlineMs: number;

  constructor(live: LiveState, deadlineMs: number) {
    this.#live = live;
    this.#deadlineMs = deadlineMs;
  }

  /**
   * Memory is asked first, then the brokers, then memory again for tasks that only it still holds. Errors: TaskNotFound where every source
   * was asked, SourceUnavailable where one that may have it could not be, AmbiguousTaskId.
   */
  async locate(
    id: string,
    monitors: readonly SourceMonitor[],
    unresolved: readonly UnresolvedBroker[],
  ): Promise<TaskLocation> {
    const failures: SourceUnavailable[] = [];
    const asked = await Promise.all(monitors.map((monitor) => this.#ask(monitor, id, failures)));
    const found = asked.flat();
    const all = found.length > 0 ? found : monitors.flatMap((monitor) => this.#remembered(monitor, id));
    const candidates = await visibleLocations(all, this.#live, this.#deadlineMs);

    const [only, ...others] = candidates;
    if (only === undefined) throw failures[0] ?? missing(id, unresolved);
    if (others.length === 0) return only;
    throw new AmbiguousTaskId(
      `expected an id that one task has, found "${id}" which ${candidates.length} tasks share; give the full id, or ?source=`,
      { id, candidates: candidates.map((candidate) => ({ id: candidate.id, source: candidate.monitor.source.name })) },
    );
  }

  /**
   * As `locate`, but an id that nobody has seen still goes to a source that cannot tell unknown from waiting: Celery's workers remember what
   * is revoked, and refuse the task when it comes. Without a source named, only for ids in the form that Celery gives them.
   */
  async locateToRevoke(
    id: string,
    monitors: readonly SourceMonitor[],
    unresolved: readonly UnresolvedBroker[],
  ): Promise<TaskLocation> {
    try {
      return await this.locate(id, monitors, unresolved);
    } catch (error) {
      const blind = monitors.filter((monitor) => !monitor.engine.capabilities.has('find-by-id'));
      const [only, ...others] = blind;
      const meant = monitors.length === 1 || UUID.test(id);
      if (!(error instanceof TaskNotFound) || only === undefined || others.length > 0 || !meant) throw error;
      return { monitor: only, id, connected: isConnected(only) };
    }
  }

  async #ask(monitor: SourceMonitor, id: string, failures: SourceUnavailable[]): Promise<readonly TaskLocation[]> {
    const connected = isConnected(monitor);
    if (this.#live.get(monitor.source.name, id) !== undefined) return [{ monitor, id, connected }];
    if (!connected) {
      failures.push(unavailable(monitor));
      return [];
    }
    try {
      const signal = AbortSignal.timeout(this.#deadlineMs);
      const ids = await monitor.engine.resolveTaskId(id, MAX_CANDIDATES, signal);
      return ids.map((full) => ({ monitor, id: full, connected }));
    } catch (error) {
      // It fails alone: another source may have the task.
      if (!(error instanceof SourceUnavailable)) throw error;
      failures.push(error);
      return [];
    }
  }

  #remembered(monitor: SourceMonitor, id: string): readonly TaskLocation[] {
    const ids = this.#live.idsEndingWith(monitor.source.name, `:${id}`, MAX_CANDIDATES);
    return ids.map((full) => ({ monitor, id: full, connected: isConnected(monitor) }));
  }
}

export function unavailable(monitor: SourceMonitor): SourceUnavailable {
  const { source } = monitor;
  const problem = monitor.engine.status().problem ?? 'it has not answered yet';
  return new SourceUnavailable(`source "${source.name}" is not available: ${problem}`, { source: source.name });
}

function isConnected(monitor: SourceMonitor): boolean {
  return monitor.engine.status().connection === 'connected';
}

/** A broker of which nothing is known yet may hold the task: then nobody can say that it does not exist. */
function missing(id: string, unresolved: readonly UnresolvedBroker[]): SourceUnavailable | TaskNotFound {
  const away = unresolved.find((broker) => broker.status.connection !== 'connected');
  if (away === undefined) {
    return new TaskNotFound(`expected the id of a task that is stored or was seen lately, found "${id}"`, { id });
  }
  const problem = away.status.problem ?? 'it has not answered yet';
  return new SourceUnavailable(`the broker at ${away.location}, which may have the task, is not available: ${problem}`);
}
