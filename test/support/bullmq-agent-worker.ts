import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BullWorker } from './bull-worker.js';
import type { BullmqMajor } from './bullmq-app.js';

const workers = new Set<ChildProcess>();
process.once('exit', () => {
  for (const worker of workers) worker.kill('SIGKILL');
});

/**
 * A real worker process of one BullMQ version on `queue` (jobs ok, fail, retry, hopeless, patient, limited, parent, slow, obedient), on
 * `<queue>-signalled` (a processor with a third parameter) and on `<queue>-boxed` (a sandboxed one), with the agent.
 */
export async function startBullmqAgentWorker(options: {
  readonly major: BullmqMajor;
  readonly port: number;
  readonly queue: string;
  readonly concurrency?: number;
  /** Where the agent reports to; by default the queues' own Redis. */
  readonly agentRedis?: string;
  /** ordinary: as the library sets them, so that a slow machine stalls no job. */
  readonly locks?: 'fast' | 'ordinary';
}): Promise<BullWorker> {
  const { major, port, queue, concurrency = 4, agentRedis = `redis://127.0.0.1:${port}`, locks = 'fast' } = options;
  const program = fileURLToPath(new URL('bullmq-agent-worker-main.ts', import.meta.url));
  const loader = new URL('typescript-loader.mjs', import.meta.url).href;
  const args = [String(major), String(port), queue, String(concurrency), agentRedis, locks];
  const child = fork(program, args, { execArgv: ['--import', loader] });
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
