import type { Attempt } from './attempt.js';
import type { CancelAnswer } from './instrumented.js';
import { ENDED } from './instrumented.js';
import type { SandboxChild, SandboxChildren } from './sandbox-children.js';

/** What a child gets to end by itself before it is killed. */
const KILL_GRACE_MS = 2_000;

/** Ends the child process that runs a sandboxed processor. */
export function stopChild(
  attempt: Attempt,
  children: SandboxChildren,
  child: SandboxChild | null,
  signal: NodeJS.Signals,
): CancelAnswer {
  if (attempt.settled) return ENDED;
  if (child === null) return { result: 'refused', message: 'The child process did not start.' };
  if (!children.kill(child, signal))
    return { result: 'refused', message: `Process ${child.pid} could not be sent ${signal}.` };
  attempt.revoke();
  children.killAfter(child, KILL_GRACE_MS);
  return { result: 'killed', message: `Process ${child.pid} was sent ${signal}.` };
}
