import { useSources } from '../api/queries.js';
import { useSession } from '../api/session.js';
import { Time } from '../components/Time.js';
import { useCurrentPage } from './pages.js';

/** What everybody who looks should know, on every page: how the service was started, and which sources it does not reach. */
export function Warnings() {
  return (
    <>
      <Insecure />
      <SourcesAway />
    </>
  );
}

function Insecure() {
  const { data } = useSession();
  if (data?.insecure !== true) return null;
  return (
    <p className="stale" role="note">
      Anybody who reaches this address may use it: the service was started with <code>--insecure</code>.
    </p>
  );
}

/** The overview says so itself, in its first sentence. */
function SourcesAway() {
  const { data } = useSources();
  const onOverview = useCurrentPage()?.path === '';
  if (onOverview) return null;
  const away = (data?.items ?? []).filter(({ connection }) => connection === 'disconnected');
  return away.map(({ source, problem, as_of: at }) => (
    <p key={source} className="stale" role="note">
      Source {source} does not answer{problem === null ? '' : `: ${problem}`}.{' '}
      {at === null ? 'Nothing is known of it.' : <>What is shown of it is of {<Time at={at} as="clock" />}.</>}
    </p>
  ));
}
