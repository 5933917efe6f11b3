/** One field that the service did not accept. */
export interface FieldProblem {
  readonly field: string;
  readonly expected: string;
  readonly found: string;
  /** Characters from the beginning of the field, where the service says so. */
  readonly position: number | null;
}

export interface Problem {
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** The last part of its URN, such as `task-not-found`. */
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly FieldProblem[];
}

/** What the service refused, in its own words. */
export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** Reads a problem document; an answer of something in between, such as a proxy's page, becomes a problem that says so. */
export function problemOf(body: unknown, response: Response): Problem {
  const type = textOf(body, 'type');
  return {
    status: response.status,
    type: type?.slice(type.lastIndexOf(':') + 1) ?? 'unexpected-answer',
    title: textOf(body, 'title') ?? `The service answered ${response.status}`,
    detail: textOf(body, 'detail') ?? `expected a problem document, found ${response.statusText || response.status}`,
    errors: listOf(body, 'errors').map((entry) => ({
      field: textOf(entry, 'field') ?? '',
      expected: textOf(entry, 'expected') ?? '',
      found: textOf(entry, 'found') ?? '',
      position: numberOf(entry, 'position'),
    })),
  };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function textOf(value: unknown, name: string): string | null {
  const found = memberOf(value, name);
  return typeof found === 'string' ? found : null;
}

function numberOf(value: unknown, name: string): number | null {
  const found = memberOf(value, name);
  return typeof found === 'number' ? found : null;
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const found = memberOf(value, name);
  return Array.isArray(found) ? found : [];
}
