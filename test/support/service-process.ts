import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ServiceProcess {
  readonly url: string;
  readonly output: () => string;
  /** What Ctrl-C does: SIGINT to every process of the terminal's group. Resolves with the exit code. */
  interrupt(): Promise<number | null>;
  /** What Kubernetes does. */
  terminate(): Promise<number | null>;
  /** The whole process stands still until it is thawed, as on a suspended machine. */
  freeze(): void;
  thaw(): void;
  kill(): void;
}

/**
 * Runs a command that starts the service and waits until it has said where it listens. Where no folder is named it keeps its data in one that is
 * removed when it ends.
 */
export async function startServiceProcess(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Record<string, string>; readonly within: number },
): Promise<ServiceProcess> {
  const data = mkdtempSync(join(tmpdir(), 'taskscope-data-'));
  const child = spawn(command, [...args], {
    cwd: options.cwd,
    env: { ...process.env, ...(options.cwd === undefined ? { TASKSCOPE_DATA: data } : {}), ...options.env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (data: Buffer): void => {
    output += data.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const exited = new Promise<number | null>((resolve) =>
    child.once('exit', (code) => {
      rmSync(data, { recursive: true, force: true });
      resolve(code);
    }),
  );

  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(
      () => give(new Error(`expected the service to listen within ${options.within} ms, found:\n${output}`)),
      options.within,
    );
    const give = (error: Error): void => {
      clearTimeout(timer);
      signalGroup(child, 'SIGKILL');
      reject(error);
    };
    const look = (): void => {
      const found = /listening on (https?:\/\/[^\s"]+)/.exec(output)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    };
    child.stdout.on('data', look);
    void exited.then((code) => give(new Error(`expected the service to run, found exit code ${code}:\n${output}`)));
  });

  return {
    url,
    output: () => output,
    interrupt: () => {
      signalGroup(child, 'SIGINT');
      return exited;
    },
    terminate: () => {
      child.kill('SIGTERM');
      return exited;
    },
    freeze: () => signalGroup(child, 'SIGSTOP'),
    thaw: () => signalGroup(child, 'SIGCONT'),
    kill: () => signalGroup(child, 'SIGKILL'),
  };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  process.kill(-child.pid, signal);
}

/** Command lines of running processes that mention a text, such as a folder of the test's own. */
export function processesMentioning(text: string): readonly string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .flatMap((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return words.includes(text) ? [words.trim()] : [];
      } catch {
        // It ended while we were looking.
        return [];
      }
    });
}
