// npm test: the checks, then every test. The last line counts the tests from the runner's own report.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checks, jest, root, runSteps } from './steps.mjs';

const report = join(root, 'test-results', 'report.json');
mkdirSync(join(root, 'test-results'), { recursive: true });
rmSync(report, { force: true });

const checked = runSteps(checks);
// A test that hangs must not hang the caller: the whole run has an end of its own.
const tested = runSteps([
  [
    'tests',
    jest('--json', `--outputFile=${report}`, '--maxWorkers=2', ...process.argv.slice(2)),
    { timeout: 40 * 60_000, killSignal: 'SIGKILL', stdio: ['ignore', 'ignore', 'inherit'] },
  ],
]);

const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numRuntimeErrorTestSuites = 0 } = read(report);
const failed = numFailedTests + numRuntimeErrorTestSuites + (checked ? 0 : 1);
process.exitCode = checked && tested && failed === 0 && numPassedTests > 0 ? 0 : 1;
console.log(`${numPassedTests} passed, ${failed} failed${numPendingTests > 0 ? `, ${numPendingTests} skipped` : ''}`);

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    console.error(`no report from the test runner: ${error.message}`);
    return { numFailedTests: 1 };
  }
}
