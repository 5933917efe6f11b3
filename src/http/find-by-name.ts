import { AmbiguousName, type DomainError, SourceUnavailable } from '../core/errors.js';
import { foundText } from '../core/found-text.js';
import type { Source, SourceStatus } from '../core/source.js';

interface Found<T> {
  readonly source: Source;
  readonly item: T;
}

/** What may have it, too, but has not been heard of. */
export interface Unheard {
  readonly name: string;
  readonly problem: string | null;
}

/** Sources without a first look, and brokers of which it is not known what lives there. */
export function unheard(
  views: readonly { readonly source: Source; readonly snapshot: object | null; readonly problem: string | null }[],
  brokers: readonly { readonly location: string; readonly status: SourceStatus }[],
): readonly Unheard[] {
  return [
    ...views.filter((view) => view.snapshot === null).map(({ source, problem }) => ({ name: source.name, problem })),
    ...brokers
      .filter(({ status }) => status.lastAnswerAt === null)
      .map(({ location, status }) => ({ name: location, problem: status.problem })),
  ];
}

/**
 * The one item that is meant by a name. Errors: AmbiguousName where several sources have it, SourceUnavailable where none has it but one
 * has not been heard of, else the given one.
 */
export function theOnly<T>(
  kind: string,
  name: string,
  found: readonly Found<T>[],
  silent: readonly Unheard[],
  missing: (message: string) => DomainError,
): Found<T> {
  const [only, ...others] = found;
  if (only === undefined) {
    const [first] = silent;
    if (first !== undefined) {
      const why = first.problem ?? 'connecting';
      throw new SourceUnavailable(
        `no ${kind} ${foundText(name)} is known, but ${foundText(first.name)} has not answered yet: ${why}`,
        { source: first.name },
      );
    }
    throw missing(`expected the name of a ${kind}, found ${foundText(name)}`);
  }
  if (others.length > 0) {
    const candidates = found.map(({ source }) => ({ source: source.name, engine: source.engine }));
    throw new AmbiguousName(
      `expected a ${kind} that one source has, found ${foundText(name)} in ${found.length}; give ?source=`,
      { name, candidates },
    );
  }
  return only;
}
