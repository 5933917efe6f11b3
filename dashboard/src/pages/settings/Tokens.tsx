import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answered, client } from '../../api/client.js';
import type { components } from '../../api/schema.js';
import { ConfirmDialog } from '../../components/ConfirmDialog.js';
import { Answered } from '../../components/PageState.js';
import { Panel } from '../../components/Panel.js';
import { ShortList } from '../../components/ShortList.js';
import { Time } from '../../components/Time.js';
import { NewToken } from './NewToken.js';

type Token = components['schemas']['TokenDto'];

/** API tokens, for programs. */
export function Tokens() {
  const queries = useQueryClient();
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const query = useQuery({
    queryKey: ['tokens'],
    queryFn: ({ signal }) => answered(client.GET('/api/v1/celery/tokens', { signal })),
  });
  const reload = () => void queries.invalidateQueries({ queryKey: ['tokens'] });
  return (
    <Panel
      title="API tokens"
      more={
        <button type="button" className="button" onClick={() => setMaking(true)}>
          Make one …
        </button>
      }
    >
      <Answered query={query} rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="nothing">There is none.</p>
          ) : (
            <ShortList
              rows={items.map((token) => ({
                key: token.id,
                name: (
                  <>
                    {token.name} <span className="mono hint">{token.id}</span>
                  </>
                ),
                facts: (
                  <>
                    {token.role ?? token.permissions.join(', ')}, by {token.created_by},{' '}
                    {token.expired ? 'expired' : 'expires'} <Time at={token.expires_at} why="Never" />{' '}
                    <button type="button" className="button small" onClick={() => setRevoking(token)}>
                      Revoke
                    </button>
                  </>
                ),
              }))}
            />
          )
        }
      </Answered>
      {making && (
        <NewToken
          onClose={() => {
            setMaking(false);
            reload();
          }}
        />
      )}
      {revoking !== null && (
        <ConfirmDialog
          title={`Revoke the token ${revoking.name}?`}
          verb="Revoke"
          act={async () => {
            await answered(client.DELETE('/api/v1/celery/tokens/{id}', { params: { path: { id: revoking.id } } }));
            reload();
            return <p>It is good for nothing any more.</p>;
          }}
          onClose={() => setRevoking(null)}
        >
          <p>Whatever uses it is refused from now on.</p>
        </ConfirmDialog>
      )}
    </Panel>
  );
}
