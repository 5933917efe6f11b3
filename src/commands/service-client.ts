import { CLIENT_TOKEN_VARIABLE, CLIENT_URL_VARIABLE } from '../config/environment.js';
import { SettingsError } from '../config/settings-error.js';
import { messageOf } from '../core/errors.js';

const DEFAULT_URL = 'http://127.0.0.1:8000';
const API = 'api/v1/celery/';
const DEADLINE_MS = 15_000;

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** What the service, or nobody, answered. The message is for a person. */
export class ServiceError extends Error {
  /** HTTP status; null where there was no answer. */
  readonly status: number | null;

  constructor(message: string, status: number | null, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ServiceError';
    this.status = status;
  }
}

/** Asks a running service over its API. Every call but `stream` has a deadline. */
export class ServiceClient {
  readonly #base: URL;
  readonly #token: string | null;

  constructor(url: string, token: string | null) {
    this.#base = new URL(url.endsWith('/') ? url : `${url}/`);
    this.#token = token;
  }

  /** The one that `--url`, or the environment, names. Throws SettingsError for what is no address of a service. */
  static from(url: string | undefined, environment: Readonly<Record<string, string | undefined>>): ServiceClient {
    const found = url ?? environment[CLIENT_URL_VARIABLE] ?? DEFAULT_URL;
    if (!/^https?:\/\//i.test(found) || !URL.canParse(found)) {
      const place = url === undefined ? CLIENT_URL_VARIABLE : '--url';
      throw new SettingsError([`${place}: expected a URL such as ${DEFAULT_URL}, found ${JSON.stringify(found)}`]);
    }
    return new ServiceClient(found, environment[CLIENT_TOKEN_VARIABLE] || null);
  }

  get(path: string, query: Query = {}): Promise<unknown> {
    return this.#ask('GET', path, query);
  }

  post(path: string, query: Query = {}): Promise<unknown> {
    return this.#ask('POST', path, query);
  }

  /** The body as it comes in, until the signal aborts or the service ends it. */
  async stream(path: string, query: Query, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const response = await this.#send('GET', path, query, signal);
    if (response.body === null) throw new ServiceError('expected a stream of events, found an empty answer', null);
    return response.body;
  }

  async #ask(method: 'GET' | 'POST', path: string, query: Query): Promise<unknown> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), DEADLINE_MS);
    try {
      const response = await this.#send(method, path, query, deadline.signal);
      return await response.json();
    } finally {
      clearTimeout(timer);
    }
  }

  async #send(method: 'GET' | 'POST', path: string, query: Query, signal: AbortSignal): Promise<Response> {
    const url = new URL(`${API}${path}`, this.#base);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const headers = this.#token === null ? {} : { authorization: `Bearer ${this.#token}` };
    let response: Response;
    try {
      response = await fetch(url, { method, signal, headers });
    } catch (error) {
      const why = signal.aborted ? `no answer within ${DEADLINE_MS / 1000} s` : causeOf(error);
      throw new ServiceError(`expected a Taskscope at ${this.#base.origin}, found: ${why}`, null, { cause: error });
    }
    if (!response.ok) throw new ServiceError(await refusalOf(response), response.status);
    return response;
  }
}

/** fetch says "fetch failed" and keeps the reason in the cause. */
function causeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'cause' in error && error.cause !== undefined
    ? messageOf(error.cause)
    : messageOf(error);
}

async function refusalOf(response: Response): Promise<string> {
  const text = await response.text();
  try {
    const problem: unknown = JSON.parse(text);
    if (typeof problem === 'object' && problem !== null && 'detail' in problem) return String(problem.detail);
  } catch {
    // Not a problem document, so not our service: a proxy, most likely.
  }
  return `expected an answer of Taskscope, found ${response.status} ${response.statusText}`;
}
