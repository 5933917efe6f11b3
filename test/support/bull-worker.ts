import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface BullWorker {
  readonly pid: number;
  /** What its agent wrote to its log. */
  readonly log: readonly string[];
  /** Null while it runs. */
  readonly exitCode: number | null;
  /** Lets its jobs end, then the agent says goodbye. */
  close(): Promise<void>;
  /** SIGKILL, as when the machine runs out of memory. */
  kill(): Promise<void>;
}

const workers = new Set<ChildProcess>();
process.once('exit', () => {
  for (const worker of workers) worker.kill('SIGKILL');
});

/**
 * A real worker process on `queue` (jobs ok, fail, retry, slow, obedient) and on `<queue>-boxed` (a sandboxed processor), with the agent
 * unless `agentRedis` is null.
 */
export async function startBullWorker(options: {
  readonly url: string;
  readonly queue: string;
  readonly concurrency?: number;
  /** Where the agent reports to; by default the queues' own Redis. */
  readonly agentRedis?: string | null;
  /** `ordinary`: Bull's own settings, as an application has them; `fast`: stalled jobs are found within a second, and none is forgiven. */
  readonly locks?: 'fast' | 'ordinary';
  /** Its agent serves metrics there; not at all where it is missing. */
  readonly metricsPort?: number;
}): Promise<BullWorker> {
  const { url, queue, concurrency = 4, agentRedis = url, locks = 'fast', metricsPort = '' } = options;
  const program = fileURLToPath(new URL('bull-worker-main.ts', import.meta.url));
  const loader = new URL('typescript-loader.mjs', import.meta.url).href;
  const child = fork(program, [url, queue, String(concurrency), agentRedis ?? '', locks, String(metricsPort)], {
    execArgv: ['--import', loader],
  });
  workers.add(child);
  const log: string[] = [];
  const exited = once(child, 'exit');
  void exited.then(() => workers.delete(child));
  await new Promise<void>((resolve, reject) => {
    child.on('message', (message: unknown) => {
      if (typeof message !== 'object' || message === null) return;
      if ('ready' in message) resolve();
      if ('log' in message) log.push(String(message.log));
    });
    child.once('exit', (code) => reject(new Error(`the worker ended with ${code} before it was ready`)));
  });
  return {
    pid: child.pid ?? -1,
    log,
    get exitCode() {
      return child.exitCode;
    },
    close: async () => {
      if (child.connected) child.send('close');
      await exited;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
