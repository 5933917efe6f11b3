/** Expected failures of the domain. One filter in `http/` turns each into a problem document with its status. */
export abstract class DomainError extends Error {
  /** HTTP status that says the same. */
  abstract readonly status: number;
  /** Stable short name, the last part of the problem's type. */
  abstract readonly code: string;
  /** Further members of the problem document. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, details: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.details = details;
  }
}

export class TaskNotFound extends DomainError {
  readonly status = 404;
  readonly code = 'task-not-found';
}

export class WorkerNotFound extends DomainError {
  readonly status = 404;
  readonly code = 'worker-not-found';
}

export class QueueNotFound extends DomainError {
  readonly status = 404;
  readonly code = 'queue-not-found';
}

export class ScheduleNotFound extends DomainError {
  readonly status = 404;
  readonly code = 'schedule-not-found';
}

export class BulkOperationNotFound extends DomainError {
  readonly status = 404;
  readonly code = 'bulk-operation-not-found';
}

export class SourceNotFound extends DomainError {
  readonly status = 404;
  readonly code = 'source-not-found';
}

export class TokenNotFound extends DomainError {
  readonly status = 404;
  readonly code = 'token-not-found';
}

/** A short id that several tasks share; `details.candidates` lists the full ids. */
export class AmbiguousTaskId extends DomainError {
  readonly status = 409;
  readonly code = 'ambiguous-task-id';
}

/** A name that several sources have; `details.candidates` lists the sources. */
export class AmbiguousName extends DomainError {
  readonly status = 409;
  readonly code = 'ambiguous-name';
}

/** The caller, or the way the service was started, does not allow it. */
export class PermissionDenied extends DomainError {
  readonly status = 403;
  readonly code = 'permission-denied';
}

/** Nobody has signed in, or what was shown to prove who asks is not good. */
export class NotSignedIn extends DomainError {
  readonly status = 401;
  readonly code = 'not-signed-in';
}

/** Too much was asked too fast; `details.retry_after_seconds` says when to come back. */
export class TooManyRequests extends DomainError {
  readonly status = 429;
  readonly code = 'too-many-requests';
}

/** This engine has no such command. */
export class NotSupported extends DomainError {
  readonly status = 409;
  readonly code = 'not-supported';
}

/** It can be done, but not to this task, queue or schedule as it is now; `details.reason` says why in one word. */
export class ActionRefused extends DomainError {
  readonly status = 409;
  readonly code = 'action-refused';
}

/** More would have been changed than the caller expected; nothing was. `details` has both numbers. */
export class CountExceeded extends DomainError {
  readonly status = 409;
  readonly code = 'count-exceeded';
}

/** The broker did not answer in time. The last known data may still be served elsewhere. */
export class SourceUnavailable extends DomainError {
  readonly status = 503;
  readonly code = 'source-unavailable';
}

/** What was asked is malformed: says what was expected and what was found. */
export class InvalidRequest extends DomainError {
  readonly status = 400;
  readonly code = 'invalid-request';
}

/** The sentence in whatever was thrown. */
export function messageOf(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown && typeof thrown.message === 'string')
    return thrown.message;
  return String(thrown);
}
