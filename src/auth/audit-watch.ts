import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Clock } from '../core/clock.js';
import type { Redactor } from '../core/redaction.js';
import type { AuditEntry, AuditLog, AuditOutcome } from './audit-log.js';
import { notesOf } from './audit-notes.js';
import { clientAddress } from './client-address.js';
import { GcraLimiter } from './gcra-limiter.js';
import { knownGrants } from './request-access.js';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Requests of somebody who has not signed in and does not, such as refused ones: beyond this they would push what matters out of the file. */
const STRANGERS = { limit: 120, perMs: 60_000 };
const MAX_ASKED = 1024;
const MAX_PATH = 512;
/** As nginx writes it. */
const CALLER_WENT = 499;

export interface AuditParts {
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly redact: Redactor;
  /** Told every record as one line. */
  readonly log: (line: string) => void;
}

/** First of all middleware: whatever becomes of a request that would change something, wherever it is refused, is written down once it is over. */
export function auditWatch({ audit, clock, redact, log }: AuditParts): RequestHandler {
  const strangers = new GcraLimiter(STRANGERS);
  let left = 0;

  return (request: Request, response: Response, next: NextFunction): void => {
    // Routers shorten the path while they work; this is the one that was asked.
    const path = request.originalUrl.split('?', 1).join('').slice(0, MAX_PATH);
    // Now: a connection that has ended tells no address.
    const from = clientAddress(request);
    const record = (status: number): void => {
      const notes = notesOf(request);
      if (SAFE_METHODS.has(request.method) && !notes.changing) return;
      const principal = knownGrants(request)?.principal ?? null;
      const outcome = outcomeOf(status);
      const signedIn = principal !== null || (outcome === 'allowed' && notes.claimed !== null);
      if (!signedIn && strangers.take('all') > 0) {
        left += 1;
        return;
      }
      const told =
        left === 0
          ? notes.message
          : `${notes.message ?? ''} (${left} requests of strangers before it were not recorded)`;
      left = 0;
      const entry: AuditEntry = {
        at: clock.now(),
        kind: principal?.kind ?? null,
        who: principal === null ? notes.claimed : principal.name,
        from,
        action: notes.operation ?? request.method,
        path,
        asked: askedFor(request, redact),
        outcome,
        status,
        message: told,
        workers: notes.workers,
      };
      audit.write(entry);
      log(lineOf(entry));
    };
    response.once('close', () => {
      const { handled } = notesOf(request);
      if (response.headersSent) record(response.statusCode);
      // What has been begun goes on without its caller, and only its end tells what it has come to.
      else if (handled !== null) void handled.then(record);
      else record(CALLER_WENT);
    });
    next();
  };
}

function outcomeOf(status: number): AuditOutcome {
  if (status < 400) return 'allowed';
  return status === 401 || status === 403 || status === 421 || status === 429 ? 'refused' : 'failed';
}

function askedFor(request: Request, redact: Redactor): Readonly<Record<string, unknown>> {
  const body: unknown = request.body;
  const asked: unknown = redact({ ...request.query, ...(typeof body === 'object' && body !== null ? { body } : {}) });
  const text = JSON.stringify(asked) ?? '{}';
  if (text.length > MAX_ASKED) return { cut: text.slice(0, MAX_ASKED) };
  return typeof asked === 'object' && asked !== null ? { ...asked } : {};
}

function lineOf({ who, kind, from, action, path, outcome, status, message }: AuditEntry): string {
  const caller = who === null ? 'nobody' : `${kind ?? 'unknown'} ${JSON.stringify(who)}`;
  const why = message === null ? '' : `: ${message}`;
  return `${outcome} ${action} by ${caller} from ${from} on ${JSON.stringify(path)} (${status})${why}`;
}
