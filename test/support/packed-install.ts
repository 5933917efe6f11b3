import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './run-command.js';

export interface PackedInstall {
  /** An empty folder elsewhere, with nothing but the installed package. */
  readonly folder: string;
  /** The installed command. */
  readonly taskscope: string;
  remove(): void;
}

/** `npm pack`, then `npm install` of the tarball in an empty folder. */
export async function installPacked(): Promise<PackedInstall> {
  const folder = mkdtempSync(join(tmpdir(), 'taskscope-packed-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    await npm(process.cwd(), ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder]);
    const [tarball] = readdirSync(folder);
    if (tarball === undefined) throw new Error('expected npm pack to write a tarball');
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
    const quiet = ['--prefer-offline', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await npm(folder, ['install', ...quiet, `./${tarball}`]);
    rmSync(join(folder, tarball));
    return { folder, taskscope: join(folder, 'node_modules/.bin/taskscope'), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

async function npm(cwd: string, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await runCommand('npm', args, { cwd, within: 180_000 });
  if (code !== 0) throw new Error(`expected npm ${args[0]} to succeed, found ${code}:\n${stdout}${stderr}`);
}
