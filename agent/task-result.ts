import { MAX_RESULT_BYTES } from './protocol.js';

/** `json` is null where there is no result, or too large a one to travel. */
export interface EncodedResult {
  readonly json: string | null;
  readonly bytes: number;
}

/** Costs what Bull itself pays to store the result: one JSON.stringify. */
export function encodeResult(result: unknown): EncodedResult {
  if (result === undefined) return { json: null, bytes: 0 };
  const json = stringify(result);
  // Functions and symbols have no JSON.
  if (json === undefined) return { json: null, bytes: 0 };
  const bytes = Buffer.byteLength(json);
  return { json: bytes > MAX_RESULT_BYTES ? null : json, bytes };
}

/** Bull could store it a moment ago, but a toJSON of the application may do otherwise the second time. */
function stringify(result: unknown): string | undefined {
  try {
    return JSON.stringify(result);
  } catch {
    return undefined;
  }
}
