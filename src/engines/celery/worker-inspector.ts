import type { Redactor } from '../../core/redaction.js';
import type { RegisteredTask, WorkerInspection } from '../../core/worker-inspection.js';
import { errorIn } from './control-replies.js';
import { type Fields, fieldsOf, isTooDeep, listIn } from './json-fields.js';
import type { Pidbox } from './pidbox.js';

const ANSWER_MS = 1_000;
/** Of a registered task; Celery answers with `name [item=value …]` for those that are set. */
const ITEMS = ['rate_limit', 'time_limit', 'soft_time_limit', 'max_retries'] as const;
const REGISTERED = /^(.*?)(?: \[((?:\w+=\S*)(?: \w+=\S*)*)\])?$/s;

/** Asks one worker what it is, by four questions at once. At most four messages and a second. */
export class WorkerInspector {
  readonly #pidbox: Pidbox;
  readonly #redact: Redactor;

  constructor(pidbox: Pidbox, redact: Redactor) {
    this.#pidbox = pidbox;
    this.#redact = redact;
  }

  async inspect(worker: string, signal: AbortSignal): Promise<WorkerInspection> {
    const ask = (method: string, args: Readonly<Record<string, unknown>>): Promise<unknown> =>
      this.#ask(worker, method, args, signal);
    const [registered, conf, stats, revoked] = await Promise.all([
      ask('registered', { taskinfoitems: ITEMS }),
      ask('conf', { with_defaults: false }),
      ask('stats', {}),
      ask('revoked', {}),
    ]);
    return {
      tasks: Array.isArray(registered) ? registered.flatMap(registeredTask) : null,
      settings: this.#shown(conf),
      statistics: this.#shown(stats),
      revoked: Array.isArray(revoked) ? listIn(revoked).filter((id) => typeof id === 'string') : null,
    };
  }

  /** null where it has not answered, or has refused to. */
  async #ask(
    worker: string,
    method: string,
    args: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<unknown> {
    const answers = await this.#pidbox.ask({ method, arguments: args, to: [worker], withinMs: ANSWER_MS, signal });
    const answer = answers.get(worker) ?? null;
    return errorIn(answer) === null ? answer : null;
  }

  #shown(answer: unknown): Fields | null {
    return isTooDeep(answer) ? null : fieldsOf(this.#redact(answer));
  }
}

function registeredTask(told: unknown): readonly RegisteredTask[] {
  const [, name, items] = REGISTERED.exec(typeof told === 'string' ? told : '') ?? [];
  if (name === undefined || name === '') return [];
  const values = new Map((items ?? '').split(' ').map((item) => splitOnce(item)));
  const number = (item: string): number | null => numberOf(values.get(item));
  return [
    {
      name,
      rateLimit: values.get('rate_limit') ?? null,
      softSeconds: number('soft_time_limit'),
      hardSeconds: number('time_limit'),
      maxRetries: number('max_retries'),
    },
  ];
}

function splitOnce(item: string): readonly [string, string] {
  const at = item.indexOf('=');
  return [item.slice(0, at), item.slice(at + 1)];
}

function numberOf(text: string | undefined): number | null {
  const number = Number(text ?? Number.NaN);
  return Number.isFinite(number) ? number : null;
}
