import { readdir, readFile } from 'node:fs/promises';

/** Sums over a process and all its living descendants; CPU and disk include descendants that have ended and were waited for. */
export interface TreeUsage {
  readonly memoryBytes: number;
  readonly cpuMs: number;
  /** null where the kernel does not let us look, as in some containers. */
  readonly disk: { readonly readBytes: number; readonly writeBytes: number } | null;
  readonly processCount: number;
}

/** USER_HZ: 100 on every architecture that Node runs on, whatever the kernel's own tick. */
const MS_PER_TICK = 10;
const MAX_PROCESSES = 500;

/** Reads /proc: a dozen small files per process, without blocking. Fails outside Linux. */
export async function readProcessTree(root: number): Promise<TreeUsage> {
  const pids = await withDescendants(root);
  const usages = (await Promise.all(pids.map(readProcess))).filter((usage) => usage !== null);
  if (usages.length === 0) throw new Error(`process ${root} is not in /proc`);
  const sum = (of: (usage: ProcessUsage) => number): number => usages.reduce((total, usage) => total + of(usage), 0);
  const visible = usages.every((usage) => usage.disk !== null);
  return {
    memoryBytes: sum((usage) => usage.memoryBytes),
    cpuMs: sum((usage) => usage.cpuMs),
    disk: visible
      ? {
          readBytes: sum((usage) => usage.disk?.readBytes ?? 0),
          writeBytes: sum((usage) => usage.disk?.writeBytes ?? 0),
        }
      : null,
    processCount: usages.length,
  };
}

type ProcessUsage = Omit<TreeUsage, 'processCount'>;

async function withDescendants(root: number): Promise<readonly number[]> {
  const found = [root];
  // Grows while it is walked.
  for (const pid of found) {
    if (found.length >= MAX_PROCESSES) break;
    found.push(...(await childrenOf(pid)));
  }
  return found.slice(0, MAX_PROCESSES);
}

/** Each thread lists the processes it started. */
async function childrenOf(pid: number): Promise<readonly number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(threads.map((thread) => read(`/proc/${pid}/task/${thread}/children`)));
  return lists.flatMap((list) => (list ?? '').split(' ').filter(Boolean).map(Number));
}

/** null for a process that has just ended. */
async function readProcess(pid: number): Promise<ProcessUsage | null> {
  const [stat, status, io] = await Promise.all([
    read(`/proc/${pid}/stat`),
    read(`/proc/${pid}/status`),
    read(`/proc/${pid}/io`),
  ]);
  if (stat === null || status === null) return null;
  // The command's name, in parentheses, may hold spaces. After it come state (field 3), …, utime, stime, cutime, cstime (14 to 17).
  const ticks = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15);
  return {
    memoryBytes: numberAfter(status, 'VmRSS:') * 1024,
    cpuMs: ticks.reduce((total, tick) => total + Number(tick), 0) * MS_PER_TICK,
    disk:
      io === null ? null : { readBytes: numberAfter(io, 'read_bytes:'), writeBytes: numberAfter(io, 'write_bytes:') },
  };
}

function numberAfter(text: string, label: string): number {
  const at = text.indexOf(`\n${label}`);
  return at < 0 ? 0 : Number.parseInt(text.slice(at + 1 + label.length), 10);
}

/** null where there is no such file, or no right to read it: /proc changes under the reader. */
async function read(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}
