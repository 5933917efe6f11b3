import type { ReactNode } from 'react';
import { Link, useSearchParams } from 'react-router';
import { scopedSearch } from '../scope/scope.js';

interface Props {
  /** Path below the dashboard, such as `/queues`. */
  readonly to: string;
  /** Further parameters. */
  readonly with?: Readonly<Record<string, string>>;
  readonly className?: string;
  readonly title?: string;
  readonly children: ReactNode;
}

/** A link that keeps source, time range and live state. */
export function ScopedLink({ to, with: more = {}, children, ...rest }: Props) {
  const [parameters] = useSearchParams();
  return (
    <Link to={{ pathname: to, search: scopedSearch(parameters, more) }} {...rest}>
      {children}
    </Link>
  );
}

/** A link to the tasks that a filter selects: every number on every page should be one. */
export function TasksLink({ q, ...rest }: Omit<Props, 'to' | 'with'> & { readonly q: string }) {
  return <ScopedLink to="/tasks" with={{ q }} {...rest} />;
}

/** A value as the filter language takes it: quoted, so that `*`, `:` and spaces in a name mean themselves. */
export function filterValue(value: string): string {
  return /^[\w.@/-]+$/.test(value) ? value : `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** Where a task is. Half a character, which some ids hold, has no place in an address: it becomes one that stands for what is broken. */
export function taskPath(id: string): string {
  return `/tasks/${encodeURIComponent(id.replace(/\p{Surrogate}/gu, '\ufffd'))}`;
}
