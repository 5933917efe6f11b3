import { type RawBuilder, sql } from 'kysely';
import type { Scope } from '../core/scope.js';
import { TASK_STATES, type TaskState } from '../core/task.js';
import type { Comparison, TaskFilterNode } from '../core/task-filter-node.js';
import type { TaskFilter } from '../core/task-query.js';
import { micros } from './task-row.js';

export type Condition = RawBuilder<unknown>;

/*
 * Filters as SQL. What is not known of a task is NULL there and fulfils no condition; `IS NOT TRUE` lets `not` find it all the same, in both
 * databases. Words are looked up by a subquery that runs once, not once per task.
 */

/** All conditions of a filter; they must all hold. */
export function conditionsOf(filter: TaskFilter): readonly Condition[] {
  const { name, states, worker, queue, source, since, until, expression } = filter;
  return [
    ...(name === undefined ? [] : [nameCondition(name)]),
    ...(states === undefined ? [] : [statesCondition(states)]),
    ...(worker === undefined ? [] : [wordIs('worker', worker, false)]),
    ...(queue === undefined ? [] : [wordIs('queue', queue, false)]),
    ...(source === undefined ? [] : [wordIs('source', source, false)]),
    ...(since === undefined ? [] : [sql`moment >= ${micros(since)}`]),
    ...(until === undefined ? [] : [sql`moment < ${micros(until)}`]),
    ...(expression === undefined ? [] : [conditionOf(expression)]),
  ];
}

/** What a caller who is limited may see. */
export function scopeConditions({ sources, queues }: Scope): readonly Condition[] {
  return [...isAmong('source', sources), ...isAmong('queue', queues)];
}

function isAmong(column: 'source' | 'queue', patterns: readonly string[] | null): readonly Condition[] {
  if (patterns === null) return [];
  if (patterns.length === 0) return [sql`(1 = 0)`];
  const each = patterns.map((pattern) =>
    pattern.endsWith('*') ? wordIs(column, pattern.slice(0, -1), true) : wordIs(column, pattern, false),
  );
  return [joined(each, sql` OR `)];
}

/** Of the conditions that must hold those that an index answers by itself. */
export function selectiveConditionsOf({ name, states, expression }: TaskFilter): readonly Condition[] {
  const terms = expression === undefined ? [] : expression.kind === 'and' ? expression.nodes : [expression];
  return [
    ...(name === undefined || name.endsWith('*') ? [] : [nameCondition(name)]),
    ...(states === undefined || states.includes('SUCCESS') ? [] : [statesCondition(states)]),
    ...terms.filter(isSelective).map(conditionOf),
  ];
}

function isSelective(node: TaskFilterNode): boolean {
  if (node.kind === 'state') return node.state !== 'SUCCESS';
  return node.kind === 'text' && !node.prefix && (node.field === 'name' || node.field === 'id');
}

function conditionOf(node: TaskFilterNode): Condition {
  switch (node.kind) {
    case 'and':
      return joined(node.nodes.map(conditionOf), sql` AND `);
    case 'or':
      return joined(node.nodes.map(conditionOf), sql` OR `);
    case 'not':
      return sql`(${conditionOf(node.node)} IS NOT TRUE)`;
    case 'text':
      if (node.field === 'error') return errorCondition(node.value, node.prefix);
      if (node.field === 'id') return node.prefix ? beginsWith(sql`id`, node.value) : sql`id = ${node.value}`;
      return wordIs(node.field, node.value, node.prefix);
    case 'state':
      return statesCondition([node.state]);
    case 'number':
      return node.field === 'runtime'
        ? compared('runtime', node.comparison, micros(node.value))
        : compared('attempts', node.comparison, node.value);
    case 'time':
      return compared(TIMES[node.field], node.comparison, micros(node.at));
    case 'word':
      return wordCondition(node.value, node.prefix);
    default:
      return node satisfies never;
  }
}

const TIMES = { sent: 'sent_at', started: 'started_at', finished: 'finished_at' } as const;

function joined(conditions: readonly Condition[], separator: Condition): Condition {
  return sql`(${sql.join([...conditions], separator)})`;
}

function nameCondition(name: string): Condition {
  return name.endsWith('*') ? wordIs('name', name.slice(0, -1), true) : wordIs('name', name, false);
}

/**
 * Written into the statement, not bound, and with the index's own condition beside it: only so does SQLite use the index over what did not
 * succeed. It does not see by itself that 4 is not 3.
 */
function statesCondition(states: readonly TaskState[]): Condition {
  const places = states.map((state) => sql.lit(TASK_STATES.indexOf(state)));
  const [only, ...others] = places;
  if (only === undefined) return sql`(1 = 0)`;
  const wanted = others.length === 0 ? sql`state = ${only}` : sql`state IN (${sql.join(places)})`;
  return states.includes('SUCCESS') ? wanted : sql`(${wanted} AND state <> ${sql.lit(TASK_STATES.indexOf('SUCCESS'))})`;
}

function wordIs(column: 'name' | 'worker' | 'queue' | 'source', value: string, prefix: boolean): Condition {
  return prefix
    ? sql`${sql.ref(column)} IN (SELECT word.id FROM word WHERE ${beginsWith(sql`word.text`, value)})`
    : sql`${sql.ref(column)} = (SELECT word.id FROM word WHERE word.text = ${value})`;
}

function compared(column: string, comparison: Comparison, value: number | null): Condition {
  return sql`${sql.ref(column)} ${sql.raw(comparison)} ${value}`;
}

/** The exception's class like any text; or the value anywhere in its message. */
function errorCondition(value: string, prefix: boolean): Condition {
  const type = prefix ? beginsWith(sql`word.text`, value) : sql`word.text = ${value}`;
  return sql`(error_type IN (SELECT word.id FROM word WHERE ${type}) OR ${contains(sql`error_message`, value)})`;
}

function wordCondition(value: string, prefix: boolean): Condition {
  const holds = (text: Condition): Condition => like(text, prefix ? `${escaped(value)}%` : `%${escaped(value)}%`);
  return sql`(name IN (SELECT word.id FROM word WHERE ${holds(sql`word.text`)}) OR ${holds(sql`id`)} OR ${holds(sql`error_message`)})`;
}

/** A range, which an index can answer; exact in case. */
export function beginsWith(text: Condition, value: string): Condition {
  return value === '' ? sql`${text} IS NOT NULL` : sql`(${text} >= ${value} AND ${text} < ${after(value)})`;
}

/** The first text that comes after all that begin like this, as bytes are ordered. */
function after(prefix: string): string {
  return `${prefix}\u{10FFFF}`;
}

export function contains(text: Condition, value: string): Condition {
  return like(text, `%${escaped(value)}%`);
}

/** In upper or lower case. SQLite knows the case of ASCII letters only. */
function like(text: Condition, pattern: string): Condition {
  return sql`lower(${text}) LIKE lower(${pattern}) ESCAPE '!'`;
}

function escaped(value: string): string {
  return value.replaceAll(/[!%_]/g, '!$&');
}
