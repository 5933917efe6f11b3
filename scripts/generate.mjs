// Everything that is generated and committed. With --check it only says what is out of date.
//   node scripts/generate.mjs [--check]      (after a build)
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './steps.mjs';

const built = (path) => import(pathToFileURL(join(root, 'dist/src', path)).href);

const { openApiYaml } = await built('openapi-yaml.js');
const { configurationReference } = await built('config/reference.js');
const { commandReference } = await built('commands/reference.js');
const { metricsReference } = await built('metrics/reference.js');

const files = {
  'openapi.yaml': await openApiYaml(),
  'docs/command-line.md': await commandReference(),
  'docs/configuration.md': configurationReference(),
  'docs/metrics.md': metricsReference(),
};

const check = process.argv.includes('--check');
for (const [file, text] of Object.entries(files)) {
  if (read(file) === text) continue;
  if (check) {
    console.error(`${file} is out of date: run npm run generate`);
    process.exitCode = 1;
  } else {
    writeFileSync(join(root, file), text);
    console.log(`wrote ${file}`);
  }
}
// The preview application that openapi.yaml comes from holds handles of its own.
process.exit();

function read(file) {
  try {
    return readFileSync(join(root, file), 'utf8');
  } catch {
    return null;
  }
}
