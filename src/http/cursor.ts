import { InvalidRequest } from '../core/errors.js';
import { foundText } from '../core/found-text.js';
import type { TaskCursor } from '../core/task-query.js';

/** A cursor is opaque to callers. It carries the order it was made for, because under another order it would skip and repeat. */
const VERSION = 1;

export function encodeCursor(cursor: TaskCursor, sort: string): string {
  return Buffer.from(JSON.stringify([VERSION, sort, cursor.key, cursor.source, cursor.id])).toString('base64url');
}

/** Errors: InvalidRequest, which says whether the cursor is no cursor or one of another order. */
export function decodeCursor(text: string, sort: string): TaskCursor {
  const parts = parse(text);
  const [version, madeFor, key, source, id] = parts ?? [];
  if (
    parts?.length !== 5 ||
    version !== VERSION ||
    typeof source !== 'string' ||
    typeof id !== 'string' ||
    !(key === null || typeof key === 'string' || typeof key === 'number')
  ) {
    throw invalid(`a next_cursor of an earlier answer, found ${foundText(text)}`);
  }
  if (madeFor !== sort) throw invalid(`a cursor made with sort=${sort}, found one made with sort=${String(madeFor)}`);
  return { key, source, id };
}

function parse(text: string): readonly unknown[] | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return Array.isArray(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function invalid(expected: string): InvalidRequest {
  return new InvalidRequest(`cursor: expected ${expected}`, { errors: [{ field: 'cursor', expected }] });
}
