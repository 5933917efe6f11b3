import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { answered, client } from './client.js';
import type { components } from './schema.js';

export type Session = components['schemas']['SessionDto'];
export type Permission = components['schemas']['Permission'];

/** A session that ends while the page is open is noticed at the latest after this. */
const EVERY_MS = 60_000;

/** Who looks at the page, and what he may do. */
export function useSession() {
  return useQuery({
    queryKey: ['session'],
    queryFn: ({ signal }) => answered(client.GET('/api/v1/celery/session', { signal })),
    refetchInterval: EVERY_MS,
  });
}

/**
 * Whether the reader may do something; false while that is not known. `operation` is the operationId of what changes something: a token may
 * be good for some of them only.
 */
export function useMay(): (permission: Permission, operation?: string) => boolean {
  const { data } = useSession();
  return useCallback(
    (permission, operation) =>
      data?.permissions.includes(permission) === true &&
      (operation === undefined || data.actions === null || data.actions.includes(operation)),
    [data],
  );
}

/** Signs in or out, and forgets everything that was asked for before: it belongs to somebody else. */
export function useSignIn() {
  const queries = useQueryClient();
  const begun = useCallback(
    (session: Session) => {
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
      queries.setQueryData(['session'], session);
    },
    [queries],
  );
  return {
    signIn: async (name: string, password: string) =>
      begun(await answered(client.POST('/api/v1/celery/session', { body: { name, password } }))),
    signOut: async () => begun(await answered(client.DELETE('/api/v1/celery/session'))),
  };
}
