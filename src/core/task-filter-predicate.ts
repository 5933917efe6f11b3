import type { TaskSummary } from './task.js';
import type { Comparison, TaskFilterNode, TextField } from './task-filter-node.js';

type Predicate = (task: TaskSummary) => boolean;

/** A filter as a function over one task. What is not known of a task fulfils no condition, so that only `not` finds it. */
export function taskPredicate(node: TaskFilterNode): Predicate {
  switch (node.kind) {
    case 'and': {
      const all = node.nodes.map(taskPredicate);
      return (task) => all.every((holds) => holds(task));
    }
    case 'or': {
      const any = node.nodes.map(taskPredicate);
      return (task) => any.some((holds) => holds(task));
    }
    case 'not': {
      const holds = taskPredicate(node.node);
      return (task) => !holds(task);
    }
    case 'text':
      return node.field === 'error'
        ? errorPredicate(node.value, node.prefix)
        : textPredicate(TEXT_OF[node.field], node.value, node.prefix);
    case 'state':
      return (task) => task.state === node.state;
    case 'number': {
      const holds = COMPARE[node.comparison];
      return node.field === 'runtime'
        ? (task) => task.runtimeMs !== null && holds(task.runtimeMs, node.value)
        : (task) => task.attempts !== null && holds(task.attempts, node.value);
    }
    case 'time': {
      const holds = COMPARE[node.comparison];
      const timeOf = TIME_OF[node.field];
      return (task) => {
        const at = timeOf(task);
        return at !== null && holds(at, node.at);
      };
    }
    case 'word':
      return wordPredicate(node.value, node.prefix);
    default:
      return node satisfies never;
  }
}

const COMPARE: Readonly<Record<Comparison, (a: number, b: number) => boolean>> = {
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '=': (a, b) => a === b,
};

const TIME_OF = {
  sent: (task: TaskSummary) => task.sentAt,
  started: (task: TaskSummary) => task.startedAt,
  finished: (task: TaskSummary) => task.finishedAt,
} as const;

type TextOf = (task: TaskSummary) => string | null;

const TEXT_OF: Readonly<Record<Exclude<TextField, 'error'>, TextOf>> = {
  name: (task) => task.name,
  worker: (task) => task.worker,
  queue: (task) => task.queue,
  source: (task) => task.source,
  id: (task) => task.id,
};

/** The exception's class like any text; or the value anywhere in its message. */
function errorPredicate(value: string, prefix: boolean): Predicate {
  const ofType = textPredicate((task) => task.error?.type ?? null, value, prefix);
  const wanted = value.toLowerCase();
  return (task) => ofType(task) || (task.error?.message.toLowerCase().includes(wanted) ?? false);
}

function textPredicate(textOf: TextOf, value: string, prefix: boolean): Predicate {
  return (task) => {
    const text = textOf(task);
    return text !== null && (prefix ? text.startsWith(value) : text === value);
  };
}

function wordPredicate(value: string, prefix: boolean): Predicate {
  const wanted = value.toLowerCase();
  const holds = (text: string | null): boolean => {
    if (text === null) return false;
    const lower = text.toLowerCase();
    return prefix ? lower.startsWith(wanted) : lower.includes(wanted);
  };
  return (task) => holds(task.name) || holds(task.id) || holds(task.error?.message ?? null);
}
