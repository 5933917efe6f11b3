import { useSession, useSignIn } from '../../api/session.js';
import { Loading } from '../../components/PageState.js';
import { Panel } from '../../components/Panel.js';
import { Time } from '../../components/Time.js';

/** Who the service takes the reader for. */
export function Account() {
  const { data } = useSession();
  const { signOut } = useSignIn();
  if (data === undefined) {
    return (
      <Panel title="You">
        <Loading rows={2} />
      </Panel>
    );
  }
  return (
    <Panel title="You">
      <dl className="pairs">
        <dt>Name</dt>
        <dd>{data.kind === 'local' ? 'whoever reaches this service' : (data.name ?? 'nobody')}</dd>
        {data.role !== null && (
          <>
            <dt>Role</dt>
            <dd>{data.role}</dd>
          </>
        )}
        <dt>May</dt>
        <dd>
          {data.permissions.join(', ')}
          {data.read_only && ' (the service is read-only)'}
        </dd>
        {data.sources !== null && (
          <>
            <dt>Sources</dt>
            <dd>{data.sources.join(', ')}</dd>
          </>
        )}
        {data.queues !== null && (
          <>
            <dt>Queues</dt>
            <dd>{data.queues.join(', ')}</dd>
          </>
        )}
        {data.expires_at !== null && (
          <>
            <dt>Session ends</dt>
            <dd>
              <Time at={data.expires_at} />
            </dd>
          </>
        )}
      </dl>
      {(data.kind === 'user' || data.kind === 'oidc') && (
        <button type="button" className="button" onClick={() => void signOut()}>
          Sign out
        </button>
      )}
    </Panel>
  );
}
