import { createRequire } from 'node:module';

const REMOVE_JOB_KEYS = 11;

/**
 * Refuses before Bull's own script is run: −2 gone, −1 finished, −3 active (unless ARGV[3] says it is known to be orphaned). Without it a job
 * that finished between our look and the removal would be erased and called revoked.
 */
const GUARD = `
if redis.call("EXISTS", KEYS[8]) == 0 then return -2 end
if redis.call("ZSCORE", KEYS[5], ARGV[1]) or redis.call("ZSCORE", KEYS[6], ARGV[1]) then return -1 end
if ARGV[3] ~= "orphan" then
  for _, id in ipairs(redis.call("LRANGE", KEYS[1], 0, 999)) do if id == ARGV[1] then return -3 end end
end
`;

/**
 * Bull 4's own removal script, as published in the package, behind our guard. It also serves queues written by bull 3, whose script is the
 * same but for debouncing, which bull 3 does not have. Answers 1 removed, 0 locked, or one of the guard's numbers.
 */
export function removalScript(): { readonly lua: string; readonly keys: number } {
  const script: unknown = createRequire(import.meta.url)('bull/lib/scripts/removeJob-11.js');
  if (typeof script !== 'object' || script === null) throw new Error('bull 4.16 keeps its removal script elsewhere');
  const content: unknown = 'content' in script ? script.content : undefined;
  const keys: unknown = 'keys' in script ? script.keys : undefined;
  if (typeof content !== 'string' || keys !== REMOVE_JOB_KEYS) {
    throw new Error(`expected bull's removeJob script with ${REMOVE_JOB_KEYS} keys; found ${String(keys)}`);
  }
  return { lua: `${GUARD}\n${content}`, keys: REMOVE_JOB_KEYS };
}
