import type { IncomingMessage } from 'node:http';
import type { AuditedWorker } from './audit-log.js';

/** What is learnt about a request on its way, for the audit. */
export interface AuditNotes {
  operation: string | null;
  changing: boolean;
  message: string | null;
  /** Who tried to sign in. */
  claimed: string | null;
  workers: readonly AuditedWorker[];
}

const NOTES = new WeakMap<IncomingMessage, AuditNotes>();

export function notesOf(request: IncomingMessage): AuditNotes {
  const known = NOTES.get(request);
  if (known !== undefined) return known;
  const fresh: AuditNotes = { operation: null, changing: false, message: null, claimed: null, workers: [] };
  NOTES.set(request, fresh);
  return fresh;
}

export function noteOperation(request: IncomingMessage, operation: string, changing: boolean): void {
  const notes = notesOf(request);
  notes.operation = operation;
  notes.changing = changing;
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
