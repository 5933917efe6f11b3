import type { TaskState } from './task.js';

/*
 * The filter language, shared by whatever can select tasks: live state by a predicate, history by its database.
 *
 *   filter  := or
 *   or      := and ("or" and)*
 *   and     := not ("and"? not)*            side by side means and
 *   not     := "not" not | primary
 *   primary := "(" or ")" | term | text
 *   term    := field ":" comparison? value   runtime:>5s  started:>-15m  state:FAILURE  name:app.tasks.*
 *   text    := a word or a "quoted text"     looked for in name, id and error message
 */

export const TEXT_FIELDS = ['name', 'worker', 'queue', 'source', 'error', 'id'] as const;
export type TextField = (typeof TEXT_FIELDS)[number];

export const NUMBER_FIELDS = ['runtime', 'attempts'] as const;
export type NumberField = (typeof NUMBER_FIELDS)[number];

export const TIME_FIELDS = ['sent', 'started', 'finished'] as const;
export type TimeField = (typeof TIME_FIELDS)[number];

export const FILTER_FIELDS = ['state', ...TEXT_FIELDS, ...NUMBER_FIELDS, ...TIME_FIELDS] as const;
export type FilterField = (typeof FILTER_FIELDS)[number];

/** The longer first, so that `>=` is not read as `>`. */
export const COMPARISONS = ['>=', '<=', '>', '<', '='] as const;
export type Comparison = (typeof COMPARISONS)[number];

export type TaskFilterNode =
  | { readonly kind: 'and' | 'or'; readonly nodes: readonly TaskFilterNode[] }
  | { readonly kind: 'not'; readonly node: TaskFilterNode }
  /** The whole text, or its beginning where `prefix` is set; of an error the class so, or the value anywhere in its message. */
  | { readonly kind: 'text'; readonly field: TextField; readonly value: string; readonly prefix: boolean }
  | { readonly kind: 'state'; readonly state: TaskState }
  /** Run time in milliseconds, attempts as a number. */
  | { readonly kind: 'number'; readonly field: NumberField; readonly comparison: Comparison; readonly value: number }
  /** Epoch milliseconds. */
  | { readonly kind: 'time'; readonly field: TimeField; readonly comparison: Comparison; readonly at: number }
  /** In name, id or error message: anywhere, in upper or lower case; at their beginning where `prefix` is set. */
  | { readonly kind: 'word'; readonly value: string; readonly prefix: boolean };

export const MAX_FILTER_LENGTH = 2048;
export const MAX_FILTER_TOKENS = 128;
/** Parentheses and nots inside one another. */
export const MAX_FILTER_DEPTH = 5;
