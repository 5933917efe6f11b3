import { foundText } from './found-text.js';
import { TASK_STATES } from './task.js';
import { type FilterToken, filterError, lexFilter } from './task-filter-lexer.js';
import {
  type Comparison,
  type FilterField,
  MAX_FILTER_DEPTH,
  type NumberField,
  type TaskFilterNode,
  type TimeField,
} from './task-filter-node.js';
import { parseDuration, parseMoment } from './task-filter-time.js';

/** Parses the filter language; relative times count back from `now`, in epoch milliseconds. Errors: InvalidRequest with the position. */
export function parseTaskFilter(text: string, now: number): TaskFilterNode {
  return new Parser(lexFilter(text), now).parse();
}

type TextToken = Extract<FilterToken, { kind: 'text' }>;

const SIGNS = { open: '"("', close: '")"', and: '"and"', or: '"or"', not: '"not"', end: 'end' } as const;

/** One method per rule of the grammar in task-filter-node.ts. */
class Parser {
  readonly #tokens: readonly FilterToken[];
  readonly #now: number;
  #next = 0;

  constructor(tokens: readonly FilterToken[], now: number) {
    this.#tokens = tokens;
    this.#now = now;
  }

  parse(): TaskFilterNode {
    const node = this.#or(0);
    const token = this.#peek();
    if (token.kind !== 'end') throw filterError('a term, "and", "or" or the end', token.at, describe(token));
    return node;
  }

  #or(depth: number): TaskFilterNode {
    const nodes = [this.#and(depth)];
    while (this.#peek().kind === 'or') {
      this.#take();
      nodes.push(this.#and(depth));
    }
    return joined('or', nodes);
  }

  #and(depth: number): TaskFilterNode {
    const nodes = [this.#not(depth)];
    for (;;) {
      const { kind } = this.#peek();
      if (kind === 'end' || kind === 'or' || kind === 'close') return joined('and', nodes);
      if (kind === 'and') this.#take();
      nodes.push(this.#not(depth));
    }
  }

  #not(depth: number): TaskFilterNode {
    if (this.#peek().kind !== 'not') return this.#primary(depth);
    const { at } = this.#take();
    return { kind: 'not', node: this.#not(deeper(depth, at)) };
  }

  #primary(depth: number): TaskFilterNode {
    const token = this.#take();
    switch (token.kind) {
      case 'open': {
        const node = this.#or(deeper(depth, token.at));
        const close = this.#take();
        if (close.kind !== 'close') throw filterError('")"', close.at, describe(close));
        return node;
      }
      case 'field':
        return this.#term(token.field);
      case 'text':
        return { kind: 'word', ...wordOf(token) };
      default:
        throw filterError('a term', token.at, describe(token));
    }
  }

  #term(field: FilterField): TaskFilterNode {
    const sign = this.#peek();
    const comparison = sign.kind === 'comparison' ? sign.comparison : null;
    if (comparison !== null) this.#take();
    const value = this.#take();
    if (value.kind !== 'text' || (value.text === '' && !value.quoted)) {
      throw filterError(`a value after "${field}:${comparison ?? ''}"`, value.at, describe(value));
    }

    switch (field) {
      case 'state':
        refuseComparison(field, sign);
        return stateTerm(value);
      case 'runtime':
      case 'attempts':
        return numberTerm(field, comparison, value);
      case 'sent':
      case 'started':
      case 'finished':
        return this.#timeTerm(field, comparison, value);
      default:
        refuseComparison(field, sign);
        return { kind: 'text', field, ...wordOf(value) };
    }
  }

  #timeTerm(field: TimeField, comparison: Comparison | null, value: TextToken): TaskFilterNode {
    if (comparison === null || comparison === '=') {
      throw filterError(`one of > >= < <= after "${field}:"`, value.at, describe(value));
    }
    const at = parseMoment(value.text, this.#now);
    if (at === null) {
      throw filterError('an ISO 8601 time, epoch seconds, or how long ago, such as -15m,', value.at, describe(value));
    }
    return { kind: 'time', field, comparison, at };
  }

  #peek(): FilterToken {
    return this.#tokens[this.#next] ?? { kind: 'end', at: 0 };
  }

  #take(): FilterToken {
    const token = this.#peek();
    this.#next += 1;
    return token;
  }
}

function joined(kind: 'and' | 'or', nodes: readonly TaskFilterNode[]): TaskFilterNode {
  const [only, ...others] = nodes;
  return only !== undefined && others.length === 0 ? only : { kind, nodes };
}

function deeper(depth: number, at: number): number {
  if (depth === MAX_FILTER_DEPTH) {
    throw filterError(`at most ${MAX_FILTER_DEPTH} parentheses and nots inside one another`, at, 'one more');
  }
  return depth + 1;
}

/** A final `*` asks for a beginning, unless it is quoted. */
function wordOf(token: TextToken): { readonly value: string; readonly prefix: boolean } {
  const prefix = !token.quoted && token.text.endsWith('*');
  return { value: prefix ? token.text.slice(0, -1) : token.text, prefix };
}

function stateTerm(value: TextToken): TaskFilterNode {
  const upper = value.text.toUpperCase();
  const state = TASK_STATES.find((known) => known === upper);
  if (state === undefined) throw filterError(`one of ${TASK_STATES.join(', ')}`, value.at, describe(value));
  return { kind: 'state', state };
}

function numberTerm(field: NumberField, comparison: Comparison | null, value: TextToken): TaskFilterNode {
  const number = field === 'runtime' ? parseDuration(value.text) : wholeNumber(value.text);
  if (number === null) {
    const expected = field === 'runtime' ? 'a duration such as 5s or 1.5h' : 'a whole number';
    throw filterError(expected, value.at, describe(value));
  }
  return { kind: 'number', field, comparison: comparison ?? '=', value: number };
}

function wholeNumber(text: string): number | null {
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function refuseComparison(field: FilterField, sign: FilterToken): void {
  if (sign.kind === 'comparison' && sign.comparison !== '=') {
    throw filterError(`a value after "${field}:", which has no order,`, sign.at, `"${sign.comparison}"`);
  }
}

function describe(token: FilterToken): string {
  switch (token.kind) {
    case 'text':
      return foundText(token.text);
    case 'field':
      return `"${token.field}:"`;
    case 'comparison':
      return `"${token.comparison}"`;
    default:
      return SIGNS[token.kind];
  }
}
