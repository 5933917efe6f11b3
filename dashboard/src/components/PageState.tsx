import type { ReactNode } from 'react';
import { useSilentSince } from '../api/live.js';
import { ApiError } from '../api/problem.js';
import { useNow } from '../scope/now.js';
import { CopyButton } from './CopyButton.js';
import { Time } from './Time.js';

/** Grey bars of the right size. Appears after 150 ms (by style sheet), so that a quick answer shows no flicker. */
export function Loading({ rows = 8, label = 'Loading' }: { readonly rows?: number; readonly label?: string }) {
  return (
    <div className="loading" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars are all alike
        <div key={row} className="skeleton" />
      ))}
    </div>
  );
}

interface EmptyProps {
  /** What would be here. */
  readonly title: string;
  readonly children?: ReactNode;
  /** The one command that makes it appear. */
  readonly command?: string;
}

export function Empty({ title, children, command }: EmptyProps) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children}
      {command !== undefined && (
        <p className="command">
          <code>{command}</code>
          <CopyButton text={command} what="the command" />
        </p>
      )}
    </div>
  );
}

/** What was expected, what was found, and another try. */
export function Failed({ error, retry }: { readonly error: Error; readonly retry?: () => void }) {
  const problem = error instanceof ApiError ? error.problem : null;
  return (
    <div className="failed" role="alert">
      <p className="empty-title">{problem?.title ?? 'Something went wrong'}</p>
      <p>{error.message}</p>
      {retry !== undefined && (
        <button type="button" className="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** A quiet bar over data that has stopped to be fresh. */
export function Stale({ since, why }: { readonly since: number; readonly why: string }) {
  return (
    <p className="stale" role="status">
      No data since <Time at={new Date(since).toISOString()} as="clock" />, reconnecting. {why}
    </p>
  );
}

interface Query<T> {
  readonly data: T | undefined;
  readonly error: Error | null;
  readonly dataUpdatedAt: number;
  readonly refetch: () => Promise<unknown>;
}

/** The states of a page over one query: loading, error, stale over what is known, or the page. */
export function Answered<T>({
  query,
  rows,
  children,
}: {
  readonly query: Query<T>;
  readonly rows?: number;
  readonly children: (data: T) => ReactNode;
}) {
  const { data, error } = query;
  if (data === undefined) {
    if (error !== null) return <Failed error={error} retry={() => void query.refetch()} />;
    return rows === undefined ? <Loading /> : <Loading rows={rows} />;
  }
  return (
    <>
      {error !== null && <StaleBar since={query.dataUpdatedAt} error={error} />}
      {children(data)}
    </>
  );
}

/** One failed answer is no news; several in a row are. */
const STALE_AFTER_MS = 4_000;

function StaleBar({ since, error }: { readonly since: number; readonly error: Error }) {
  const unreachable = error instanceof ApiError && error.problem.status === 0;
  // A service that cannot be reached is told of once, over the page.
  const told = useSilentSince() !== null && unreachable;
  const late = useNow() - since >= STALE_AFTER_MS;
  return told || !late ? null : <Stale since={since} why={error.message} />;
}
