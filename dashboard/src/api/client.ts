import createClient from 'openapi-fetch';
import { ApiError, problemOf } from './problem.js';
import type { paths } from './schema.js';

/** Every path in the document begins so. */
const API_PATH = '/api/v1/celery';

/** The API's address: the service says in the page where it is, relative to the page's base. */
export function apiAddress(path = ''): string {
  const said = document.querySelector('meta[name="taskscope-api"]')?.getAttribute('content') ?? `..${API_PATH}`;
  return new URL(said, document.baseURI).href + path;
}

/** Typed by openapi.yaml: a path, parameter or field that is not in it does not compile. */
export const client = createClient<paths>({ baseUrl: apiAddress().slice(0, -API_PATH.length) });

interface Outcome<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** The data of an answer. Throws ApiError with the problem document where the service refused, or could not be reached. */
export async function answered<T>(asked: Promise<Outcome<T>>): Promise<T> {
  let outcome: Outcome<T>;
  try {
    outcome = await asked;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError({
      status: 0,
      type: 'unreachable',
      title: 'The service cannot be reached',
      detail: `expected an answer from ${new URL(apiAddress()).host}, found none: ${error instanceof Error ? error.message : String(error)}`,
      errors: [],
    });
  }
  if (outcome.data === undefined) throw new ApiError(problemOf(outcome.error, outcome.response));
  return outcome.data;
}
