import { fstatSync } from 'node:fs';

/** Calls back when the process that started this one is gone, as far as it left a line to it: an IPC channel, or a pipe on stdin. */
export function whenParentEnds(then: () => void): void {
  process.once('disconnect', then);
  const stdin = fstatSync(0);
  // Not a terminal, nor /dev/null, which would end at once.
  if (!stdin.isFIFO() && !stdin.isSocket()) return;
  process.stdin.once('end', then).once('error', then).resume();
  process.stdin.unref();
}
