import type { Refusal, TaskAction, TaskActionReport, TaskPlace } from '../../../core/task-action.js';
import { deniedOr } from './library-refusal.js';

/** The library, or Redis by its script, has said no: an answer, not a failure. */
export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal, message: string) {
    super(message);
    this.refusal = refusal;
  }
}

export interface TaskChange {
  readonly id: string;
  readonly action: TaskAction;
  readonly before: TaskPlace;
  /** Why this cannot be done to a task in this place, known without trying; null where it can. */
  readonly problem: string | null;
  perform(): Promise<void>;
  /** What the library means by an error; null where it is no word of the library. */
  refusalOf(error: unknown): Refused | null;
  /** null: it is no longer stored. */
  look(): Promise<TaskPlace | null>;
  denied(feature: string): void;
}

/** Performs a change and looks what has come of it. The library's script checks and changes in one step, whatever was seen before. */
export async function changeTask(change: TaskChange): Promise<TaskActionReport> {
  const { id, action, before, problem } = change;
  if (problem !== null) return { id, refusal: 'state', message: problem, before, after: before };
  try {
    await change.perform();
  } catch (error) {
    const refused = error instanceof Refused ? error : change.refusalOf(error);
    if (refused === null) throw deniedOr(error, 'changing tasks (EVALSHA)', change.denied);
    return { id, refusal: refused.refusal, message: refused.message, before, after: await change.look() };
  }
  const after = await change.look();
  return { id, refusal: null, message: doneMessage(action, after), before, after };
}

/** Why an action does not fit a task in this place, in words that follow "expected …; found …"; null where it does. */
export function placeProblem(action: TaskAction, { state, stage }: TaskPlace, found: string | null): string | null {
  const it = found ?? `it is ${state} (${stage})`;
  switch (action.kind) {
    case 'retry':
      return stage === 'finished' ? null : `Expected a task that has finished; ${it}.`;
    case 'promote':
    case 'delay':
      return stage === 'scheduled' ? null : `Expected a task that waits for a time; ${it}.`;
    case 'priority':
      return stage === 'reserved' || stage === 'scheduled' ? null : `Expected a task that has not started; ${it}.`;
    case 'remove':
      // A running one that has lost its worker can go: the removal decides.
      return null;
    default:
      return action satisfies never;
  }
}

function doneMessage(action: TaskAction, after: TaskPlace | null): string {
  switch (action.kind) {
    case 'remove':
      return after === null ? 'The task is removed.' : 'The task was removed; its id is in use again.';
    case 'retry':
      return `The task is back among the waiting; ${now(after)}.`;
    case 'promote':
      return `The task no longer waits for its time; ${now(after)}.`;
    case 'delay':
      return `The task has a new time; ${now(after)}.`;
    case 'priority':
      return `The task has a new priority; ${now(after)}.`;
    default:
      return action satisfies never;
  }
}

function now(after: TaskPlace | null): string {
  if (after === null) return 'by now it has run and is no longer kept';
  return `by now it is ${after.state} (${after.stage})`;
}
