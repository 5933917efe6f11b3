import type { IncomingMessage } from 'node:http';
import { DomainError } from '../core/errors.js';
import type { AuditedWorker } from './audit-log.js';

/** What is learnt about a request on its way, for the audit. */
export interface AuditNotes {
  operation: string | null;
  changing: boolean;
  message: string | null;
  /** Who tried to sign in. */
  claimed: string | null;
  workers: readonly AuditedWorker[];
  /** The status that is answered, once the handler knows; null where none has begun. Never rejects. */
  handled: Promise<number> | null;
}

const NOTES = new WeakMap<IncomingMessage, AuditNotes>();

export function notesOf(request: IncomingMessage): AuditNotes {
  const known = NOTES.get(request);
  if (known !== undefined) return known;
  const fresh: AuditNotes = {
    operation: null,
    changing: false,
    message: null,
    claimed: null,
    workers: [],
    handled: null,
  };
  NOTES.set(request, fresh);
  return fresh;
}

export function noteOperation(request: IncomingMessage, operation: string, changing: boolean): void {
  const notes = notesOf(request);
  notes.operation = operation;
  notes.changing = changing;
}

/** To be called when a handler begins that changes something: whoever asked for it may be gone before it ends. Returns what tells its end. */
export function noteHandling(request: IncomingMessage): (error?: unknown) => void {
  let over: (status: number) => void = () => undefined;
  notesOf(request).handled = new Promise((resolve) => {
    over = resolve;
  });
  return (error) => over(error === undefined ? 200 : error instanceof DomainError ? error.status : 500);
}

const MAX_WORKERS = 200;
const MAX_TEXT = 300;

/** Reads, from whatever a handler answered or a problem says, what was done and who answered what. */
export function noteAnswer(request: IncomingMessage, answer: unknown): void {
  const notes = notesOf(request);
  const said = textOf(memberOf(answer, 'message') ?? memberOf(answer, 'detail'));
  const outcome = textOf(memberOf(answer, 'outcome'));
  const parts = [outcome, said].filter((part) => part !== null);
  if (parts.length > 0) notes.message = parts.join(': ');
  const workers: unknown = memberOf(answer, 'workers');
  if (Array.isArray(workers)) notes.workers = workers.slice(0, MAX_WORKERS).flatMap(workerOf);
}

function workerOf(value: unknown): readonly AuditedWorker[] {
  const worker = textOf(memberOf(value, 'worker') ?? memberOf(value, 'name'));
  const answer = textOf(memberOf(value, 'answer') ?? memberOf(value, 'outcome'));
  return worker === null || answer === null ? [] : [{ worker, answer, message: textOf(memberOf(value, 'message')) }];
}

function textOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
