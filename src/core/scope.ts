import { AsyncLocalStorage } from 'node:async_hooks';

/** Which part of what is watched somebody may see and act on. Entries are names, or the beginning of names followed by `*`; null is all. */
export interface Scope {
  readonly sources: readonly string[] | null;
  readonly queues: readonly string[] | null;
}

export const EVERYTHING: Scope = { sources: null, queues: null };

const CURRENT = new AsyncLocalStorage<Scope>();

/**
 * Runs something on behalf of a caller who may see no more than this. The inspector then shows, finds and changes nothing outside, whichever
 * handler asks; what runs by itself, such as polls and metrics, sees everything.
 */
export function withinScope<T>(scope: Scope, run: () => T): T {
  return CURRENT.run(scope, run);
}

export function currentScope(): Scope {
  return CURRENT.getStore() ?? EVERYTHING;
}

/** Whether there is anything that it leaves out. */
export function isLimited(scope: Scope): boolean {
  return scope.sources !== null || scope.queues !== null;
}

export function sourceInScope(scope: Scope, name: string): boolean {
  return scope.sources === null || scope.sources.some((pattern) => matches(pattern, name));
}

/** A task or worker of which no queue is known is outside of every scope that names queues. */
export function queueInScope(scope: Scope, name: string | null): boolean {
  return scope.queues === null || (name !== null && scope.queues.some((pattern) => matches(pattern, name)));
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
