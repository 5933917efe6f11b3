import { AmbiguousName, NotSupported, SourceNotFound } from '../core/errors.js';
import type { SourcePosition } from '../core/history-store.js';
import { type Capability, lacks, type QueueEngine } from '../core/queue-engine.js';
import { currentScope, sourceInScope } from '../core/scope.js';
import type { Source } from '../core/source.js';
import type { SourceMonitor } from './source-monitor.js';
import { unavailable } from './task-locator.js';

/** The sources that are watched, as whoever asks may see them: one out of their scope is like one that does not exist. */
export class WatchedSources {
  readonly #monitors = new Map<string, SourceMonitor>();
  #payloadsPerSecond = 0;

  /** Errors: AmbiguousName where the name is taken, as two sources of one name could not be told apart. */
  add(monitor: SourceMonitor): void {
    const { name } = monitor.source;
    const same = this.#monitors.get(name);
    if (same !== undefined) {
      throw new AmbiguousName(`expected a name of its own, found "${name}", which ${same.source.location} has`, {
        candidates: [{ source: name, engine: same.source.engine }],
      });
    }
    this.#monitors.set(name, monitor);
    monitor.engine.rememberPayloads(this.#payloadsPerSecond);
  }

  clear(): void {
    this.#monitors.clear();
  }

  /** Now, and of every one that is added. */
  rememberPayloads(perSecond: number): void {
    this.#payloadsPerSecond = perSecond;
    for (const { engine } of this.#monitors.values()) engine.rememberPayloads(perSecond);
  }

  /** How far each has been told. */
  positions(): readonly SourcePosition[] {
    return Array.from(this.all(), ({ source, engine }) => ({ source: source.name, position: engine.position() }));
  }

  /** Every one, whoever asks. */
  all(): Iterable<SourceMonitor> {
    return this.#monitors.values();
  }

  engine(source: string): QueueEngine | undefined {
    return this.#monitors.get(source)?.engine;
  }

  /** All, or the named one. Errors: SourceNotFound. */
  select(source?: string): readonly SourceMonitor[] {
    const scope = currentScope();
    const seen = [...this.#monitors.values()].filter((monitor) => sourceInScope(scope, monitor.source.name));
    if (source === undefined) return seen;
    const monitor = seen.find((known) => known.source.name === source);
    if (monitor === undefined) {
      const names = seen.map((known) => known.source.name);
      throw new SourceNotFound(`expected one of the sources ${names.join(', ') || '(none yet)'}, found "${source}"`, {
        sources: names,
      });
    }
    return [monitor];
  }

  /** The engine of a source that can do it now. Errors: SourceNotFound, NotSupported, SourceUnavailable. */
  capable(source: string, capability: Capability): QueueEngine {
    const [monitor] = this.select(source);
    if (monitor === undefined) throw new SourceNotFound(`expected the name of a source, found "${source}"`);
    const { engine } = monitor;
    if (!engine.capabilities.has(capability)) throw lacks(engine.source, capability);
    if (engine.status().connection !== 'connected') throw unavailable(monitor);
    return engine;
  }

  /** The one source that can do it. Errors: SourceNotFound, NotSupported where none can, AmbiguousName where several can. */
  onlyCapable(capability: Capability, source?: string): Source {
    const monitors = this.select(source);
    const [only, ...others] = monitors.filter(({ engine }) => engine.capabilities.has(capability));
    if (only === undefined) {
      const [first] = monitors;
      if (first !== undefined && monitors.length === 1) throw lacks(first.source, capability);
      throw new NotSupported(`none of ${monitors.length} sources can do this: they lack "${capability}"`, {
        capability,
      });
    }
    if (others.length === 0) return only.source;
    const candidates = [only, ...others].map(({ source: { name, engine } }) => ({ source: name, engine }));
    throw new AmbiguousName(`expected one source that can do this, found ${candidates.length}; give ?source=`, {
      candidates,
    });
  }
}
