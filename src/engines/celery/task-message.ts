import { reprOfJson } from './repr-json.js';
import type { OutgoingTask } from './transport/celery-transport.js';

export interface TaskMessageParts {
  readonly id: string;
  readonly name: string;
  /** JSON texts of a list and of an object. */
  readonly args: string;
  readonly kwargs: string;
  /** Epoch milliseconds; null: at once. */
  readonly eta: number | null;
}

const NOTHING_FOLLOWS = '{"callbacks": null, "errbacks": null, "chain": null, "chord": null}';

/**
 * A task as protocol 2 writes it. The body must be a list of three: a worker that meets one of two ends, and the broker gives the message to the
 * next. Without the texts of the arguments its events would show none.
 */
export function taskMessage({ id, name, args, kwargs, eta }: TaskMessageParts): OutgoingTask {
  return {
    id,
    body: `[${args}, ${kwargs}, ${NOTHING_FOLLOWS}]`,
    headers: {
      lang: 'py',
      task: name,
      id,
      shadow: null,
      eta: eta === null ? null : pythonTime(eta),
      expires: null,
      group: null,
      group_index: null,
      retries: 0,
      timelimit: [null, null],
      root_id: id,
      parent_id: null,
      argsrepr: reprOfJson(args),
      kwargsrepr: reprOfJson(kwargs),
      origin: 'taskscope',
      ignore_result: false,
    },
  };
}

/** With six digits: Celery takes any fraction for microseconds. */
function pythonTime(epoch: number): string {
  return new Date(epoch).toISOString().replace('Z', '000+00:00');
}
