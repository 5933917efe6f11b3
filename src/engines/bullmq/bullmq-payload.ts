import { MAX_VALUE, parseJson } from '../jobs/parse-json.js';

/** A value as JSON in a stream entry or a hash; undefined where there is none, or it is too large. */
export function readValue(json: string | null, limit = MAX_VALUE): unknown {
  if (json === null || json.length > limit) return undefined;
  const parsed = parseJson(json);
  // Ports of the library, and its own progress strings, may not be JSON.
  return parsed === undefined ? json : parsed;
}
