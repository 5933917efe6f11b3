/** An RFC 9457 problem document. Depending on its type it has further members, such as `errors` or `candidates`. */
export abstract class ProblemDto {
  /**
   * A stable name.
   * @example 'urn:taskscope:problem:task-not-found'
   */
  abstract readonly type: string;
  /** The same in words. */
  abstract readonly title: string;
  /** The HTTP status. */
  abstract readonly status: number;
  /** What was expected, and what was found. */
  abstract readonly detail: string;
  /** The path that was asked. */
  abstract readonly instance: string;
}
