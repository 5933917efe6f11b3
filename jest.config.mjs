const swc = [
  '@swc/jest',
  {
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      keepClassNames: true,
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
    module: { type: 'es6' },
    sourceMaps: 'inline',
  },
];

/** One kind of test per folder below test/: unit needs nothing, the others start the servers they need. */
const project = (kind) => ({
  displayName: kind,
  testEnvironment: 'node',
  rootDir: '.',
  roots: [`<rootDir>/test/${kind}`],
  testRegex: '\\.spec\\.ts$',
  setupFilesAfterEnv: ['<rootDir>/test/jest.setup.mjs'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': swc },
});

export default {
  projects: ['unit', 'contract', 'api', 'system', 'browser'].map(project),
  coverageProvider: 'v8',
  testTimeout: 120_000,
};
