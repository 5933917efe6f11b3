import { createRequire } from 'node:module';

const REMOVE_JOB_KEYS = 2;

/**
 * Refuses before the library's own script is run: −102 gone, −101 finished, −103 active (unless ARGV[4] says it is known to be orphaned).
 * Without it a job that finished between our look and the removal would be erased and called revoked. Its numbers are none of the script's.
 */
const GUARD = `
if redis.call("EXISTS", KEYS[1]) == 0 then return -102 end
if redis.call("ZSCORE", ARGV[3] .. "completed", ARGV[1]) or redis.call("ZSCORE", ARGV[3] .. "failed", ARGV[1]) then return -101 end
if ARGV[4] ~= "orphan" then
  for _, id in ipairs(redis.call("LRANGE", ARGV[3] .. "active", 0, 999)) do if id == ARGV[1] then return -103 end end
end
`;

/**
 * BullMQ 6's own removal script, as published in the package, behind our guard. It also serves what versions 4 and 5 wrote: it looks in every
 * place that any of them has, `paused` and `prioritized` included, frees a parent that waited for this child only, and writes `removed` to the
 * stream. Answers 1 removed, 0 locked, −8 the next run of a scheduler, or one of the guard's numbers.
 */
export function removalScript(): string {
  const script: unknown = createRequire(import.meta.url)('bullmq/dist/cjs/scripts/removeJob-2.js');
  const found: unknown =
    typeof script === 'object' && script !== null && 'removeJob' in script ? script.removeJob : undefined;
  if (typeof found !== 'object' || found === null) throw new Error('bullmq 6.7 keeps its removal script elsewhere');
  const content: unknown = 'content' in found ? found.content : undefined;
  const keys: unknown = 'keys' in found ? found.keys : undefined;
  if (typeof content !== 'string' || keys !== REMOVE_JOB_KEYS) {
    throw new Error(`expected bullmq's removeJob script with ${REMOVE_JOB_KEYS} keys; found ${String(keys)}`);
  }
  return `${GUARD}\n${content}`;
}
