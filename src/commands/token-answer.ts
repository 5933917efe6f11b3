import type { ApiToken } from '../auth/api-token.js';
import { isoTime } from '../http/iso-time.js';

/** What --json tells of a token: the API's words, and never the hash. */
export function tokenAnswer(token: ApiToken, now: number): object {
  return {
    id: token.id,
    name: token.name,
    role: token.role,
    permissions: token.permissions,
    actions: token.actions,
    sources: token.sources,
    queues: token.queues,
    created_at: isoTime(token.createdAt),
    created_by: token.createdBy,
    expires_at: isoTime(token.expiresAt),
    expired: token.expiresAt <= now,
  };
}
