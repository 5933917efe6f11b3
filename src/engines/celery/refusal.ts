/**
 * Why a message cannot be used.
 * oversized: larger than we read. malformed: not what Celery writes. opaque: pickle, YAML or another format that is never deserialised.
 * too-deep: nested beyond reason.
 */
export const REFUSALS = ['oversized', 'malformed', 'opaque', 'too-deep'] as const;
export type Refusal = (typeof REFUSALS)[number];

/** In the place of a body: an object, so that no text from the broker can be taken for one. */
export interface Refused {
  readonly refused: Refusal;
}

export const OVERSIZED: Refused = Object.freeze({ refused: 'oversized' });
export const MALFORMED: Refused = Object.freeze({ refused: 'malformed' });
export const OPAQUE: Refused = Object.freeze({ refused: 'opaque' });
