// npm run fuzz [-- REQUESTS [SEED]]: 50 000 requests made from openapi.yaml, against the service over engines without brokers.
import { jest, runSteps } from './steps.mjs';

const [requests = '50000', seed = String(Date.now() % 1e9)] = process.argv.slice(2);
console.error(`seed ${seed}`);
process.env.FUZZ_REQUESTS = requests;
process.env.FUZZ_SEED = seed;
process.exitCode = runSteps([['fuzz', jest('--selectProjects', 'api', '--testPathPatterns', 'fuzz')]]) ? 0 : 1;
