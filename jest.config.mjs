/** Unit specs run from the sources without a build; integration and end-to-end specs share the real stack. */
const swc = {
  // .swcrc leaves specs out of the build; here they are the point.
  swcrc: false,
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    target: 'es2023',
    keepClassNames: true,
  },
  module: { type: 'es6' },
};

const base = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  moduleNameMapper: {
    '^@towpath/stack/(.*)$': '<rootDir>/infra/stack/src/$1.ts',
    '^@towpath/contracts/(.*\\.v\\d+)$': '<rootDir>/packages/contracts/src/generated/$1.ts',
    '^@towpath/(contracts|kafka|event-store|service-kit|outbound|sources|testing|cli|agents|sagas)/(.*)$':
      '<rootDir>/packages/$1/src/$2.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/', '<rootDir>/.towpath'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
};

export default {
  maxWorkers: 2,
  testSequencer: '<rootDir>/packages/testing/src/platform-last.mjs',
  projects: [
    {
      ...base,
      displayName: 'unit',
      testMatch: [
        '**/src/**/*.unit.spec.ts',
        '<rootDir>/boundaries/*.unit.spec.ts',
        '<rootDir>/test/simulation/*.unit.spec.ts',
        '<rootDir>/test/injections/*.unit.spec.ts',
        '<rootDir>/test/observability/*.unit.spec.ts',
        '<rootDir>/test/sagas/**/*.unit.spec.ts',
      ],
    },
    {
      ...base,
      displayName: 'int',
      testMatch: ['**/src/**/*.int.spec.ts', '<rootDir>/test/observability/*.int.spec.ts'],
      globalSetup: '<rootDir>/packages/testing/src/global-setup.mjs',
      globalTeardown: '<rootDir>/packages/testing/src/global-teardown.mjs',
    },
    {
      ...base,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/**/*.e2e.spec.ts'],
      globalSetup: '<rootDir>/packages/testing/src/e2e-setup.mjs',
      globalTeardown: '<rootDir>/packages/testing/src/e2e-teardown.mjs',
    },
  ],
};
