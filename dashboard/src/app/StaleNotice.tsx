import { useLiveStatus } from '../api/live.js';
import { Stale } from '../components/PageState.js';
import { useNow } from '../scope/now.js';
import { useScope } from '../scope/scope.js';

/** A tick comes every ten seconds at least. */
const LATE_MS = 15_000;

/** Says over any page that the stream has gone silent; the data below stays. */
export function StaleNotice() {
  const { live } = useScope();
  const { heardAt } = useLiveStatus();
  const now = useNow();
  if (!live || heardAt === null || now - heardAt < LATE_MS) return null;
  return <Stale since={heardAt} why="The service does not answer." />;
}
