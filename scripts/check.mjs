// npm run check: format, lint, types, boundaries, generated files and unit tests.
import { checks, jest, runSteps } from './steps.mjs';

process.exitCode = runSteps([...checks, ['unit tests', jest('--selectProjects', 'unit')]]) ? 0 : 1;
