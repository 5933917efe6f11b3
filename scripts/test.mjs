// npm test: the checks, then every test. What fails beside other tests runs once more alone, and is named: a loaded machine is told from a
// fault. The last line counts the tests from the runner's own reports.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { checks, jest, root, runSteps } from './steps.mjs';

const folder = join(root, 'test-results');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const checked = runSteps(checks);
const files = new Map();
// Most tests wait for brokers and workers: on two cores, two files at a time leave almost half of them idle.
let tested = run('tests', 'report.json', '--maxWorkers=3', ...process.argv.slice(2));
const failing = [...files].filter(([, result]) => result.status === 'failed').map(([file]) => file);
if (failing.length > 0) {
  tested = run('failed tests alone', 'again.json', '--runInBand', '--runTestsByPath', ...failing);
  for (const file of failing) {
    const now = files.get(file).status === 'failed' ? 'fails' : 'passes';
    console.error(`${relative(root, file)} failed beside other tests and ${now} alone`);
  }
}

const count = (status) =>
  [...files.values()].flatMap((file) => file.assertionResults).filter((test) => test.status === status).length;
// A file that could not even be loaded holds no test that failed.
const broken = [...files.values()].filter(
  (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
).length;
const passed = count('passed');
const failed = count('failed') + broken + (checked ? 0 : 1) + (tested || count('failed') + broken > 0 ? 0 : 1);
const skipped = count('pending') + count('todo');
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);

/** Runs the tests and takes over the results of each file. True where the runner says that all is well. */
function run(name, report, ...args) {
  const file = join(folder, report);
  const good = runSteps([
    [
      name,
      jest('--json', `--outputFile=${file}`, ...args),
      // A test that hangs must not hang the caller: the whole run has an end of its own.
      { timeout: 40 * 60_000, killSignal: 'SIGKILL', stdio: ['ignore', 'ignore', 'inherit'] },
    ],
  ]);
  try {
    for (const result of JSON.parse(readFileSync(file, 'utf8')).testResults) files.set(result.name, result);
    return good;
  } catch (error) {
    console.error(`no report from the test runner: ${error.message}`);
    return false;
  }
}
