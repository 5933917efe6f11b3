import { useSilentSince } from '../api/live.js';
import { Stale } from '../components/PageState.js';

/** Says over any page that the stream has gone silent; the data below stays. */
export function StaleNotice() {
  const since = useSilentSince();
  return since === null ? null : <Stale since={since} why="The service does not answer." />;
}
