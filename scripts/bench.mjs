// npm run bench: measures, prints a table, and writes bench-results/<time>.json.
//   npm run bench -- memory scrape     only these
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bin, root } from './steps.mjs';

const run = ([command, ...args]) => spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status ?? 1;

process.exitCode =
  run(bin('typescript/bin/tsc', '-p', 'tsconfig.bench.json')) ||
  run([process.execPath, '--expose-gc', join(root, 'bench-results/build/bench/main.js'), ...process.argv.slice(2)]);
