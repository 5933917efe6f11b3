import { useRouteError } from 'react-router';
import { Failed } from '../components/PageState.js';

/** What a page threw while it was drawn, or could not be loaded for, as after an update of the service. */
export function PageError() {
  const thrown = useRouteError();
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return <Failed error={error} retry={() => window.location.reload()} />;
}
