import { InvalidRequest } from './errors.js';
import { foundText } from './found-text.js';
import {
  COMPARISONS,
  type Comparison,
  FILTER_FIELDS,
  type FilterField,
  MAX_FILTER_LENGTH,
  MAX_FILTER_TOKENS,
} from './task-filter-node.js';

export type FilterToken = { readonly at: number } & (
  | { readonly kind: 'open' | 'close' | 'and' | 'or' | 'not' | 'end' }
  | { readonly kind: 'field'; readonly field: FilterField }
  | { readonly kind: 'comparison'; readonly comparison: Comparison }
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
);

const KEYWORDS = ['and', 'or', 'not'] as const;
const SPACE = /\s/;

/** An error that says where: positions count characters from 0. */
export function filterError(expected: string, at: number, found: string): InvalidRequest {
  return new InvalidRequest(`expected ${expected} at position ${at}, found ${found}`, {
    errors: [{ field: 'q', expected, found, position: at }],
  });
}

/** Cuts a filter into tokens in one pass. After `field:` come at most one comparison and one value, whatever they look like. */
export function lexFilter(input: string): readonly FilterToken[] {
  if (input.length > MAX_FILTER_LENGTH) {
    throw filterError(`a filter of at most ${MAX_FILTER_LENGTH} characters`, MAX_FILTER_LENGTH, `${input.length}`);
  }
  const tokens: FilterToken[] = [];
  let at = 0;
  for (;;) {
    while (at < input.length && SPACE.test(input.charAt(at))) at += 1;
    if (at >= input.length) break;
    if (tokens.length === MAX_FILTER_TOKENS)
      throw filterError(`at most ${MAX_FILTER_TOKENS} words and signs`, at, 'more');
    const { token, end } = next(input, at, tokens[tokens.length - 1]);
    tokens.push(token);
    at = end;
  }
  return [...tokens, { kind: 'end', at: input.length }];
}

interface Lexed {
  readonly token: FilterToken;
  readonly end: number;
}

function next(input: string, at: number, previous: FilterToken | undefined): Lexed {
  const sign = input.charAt(at);
  if (sign === '(') return { token: { kind: 'open', at }, end: at + 1 };
  if (sign === ')') return { token: { kind: 'close', at }, end: at + 1 };
  if (sign === '"') return quoted(input, at);

  const afterField = previous?.kind === 'field';
  if (afterField) {
    const comparison = COMPARISONS.find((known) => input.startsWith(known, at));
    if (comparison !== undefined) return { token: { kind: 'comparison', comparison, at }, end: at + comparison.length };
  }
  const end = wordEnd(input, at);
  const word = input.slice(at, end);
  if (afterField || previous?.kind === 'comparison')
    return { token: { kind: 'text', text: word, quoted: false, at }, end };
  return plain(word, at, end);
}

function plain(word: string, at: number, end: number): Lexed {
  const lower = word.toLowerCase();
  const keyword = KEYWORDS.find((known) => known === lower);
  if (keyword !== undefined) return { token: { kind: keyword, at }, end };

  const colon = word.indexOf(':');
  if (colon <= 0) return { token: { kind: 'text', text: word, quoted: false, at }, end };
  const name = lower.slice(0, colon);
  const field = FILTER_FIELDS.find((known) => known === name);
  if (field === undefined) {
    const found = `${foundText(word.slice(0, colon))}; put a text that has a ":" in quotes`;
    throw filterError(`one of the fields ${FILTER_FIELDS.join(', ')}`, at, found);
  }
  return { token: { kind: 'field', field, at }, end: at + colon + 1 };
}

function quoted(input: string, at: number): Lexed {
  let text = '';
  for (let index = at + 1; index < input.length; index += 1) {
    const sign = input.charAt(index);
    if (sign === '"') return { token: { kind: 'text', text, quoted: true, at }, end: index + 1 };
    if (sign === '\\') index += 1;
    text += input.charAt(index);
  }
  throw filterError('a closing quote', input.length, 'end');
}

function wordEnd(input: string, at: number): number {
  let end = at;
  while (end < input.length && !/[\s()"]/.test(input.charAt(end))) end += 1;
  return end;
}
