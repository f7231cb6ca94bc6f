import js from '@eslint/js'
import jest from 'eslint-plugin-jest'
import globals from 'globals'
import tseslint from 'typescript-eslint'
import { arrows } from './tools/eslint/arrows.mjs'

const engines = '/^(postgres|postgresql|pg|sqlite|sqlite3|better-sqlite3)$/'
const onlyDialects = 'Only engine/src/dialect knows the databases: add what differs to the Dialect interface.'

const typescript = ['packages/**/*.{ts,tsx,mts}', 'tools/**/*.ts', 'examples/**/*.ts']

export default tseslint.config(
  {
    ignores: [
      '**/dist/',
      '**/coverage/',
      '.nx/',
      '.cache/',
      'data/',
      'packages/migrations/src/revisions/',
      '**/fixtures/',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'prefer-const': 'error',
      'object-shorthand': 'error',
      'no-console': 'error',
    },
  },

  {
    // The typed rules are in .oxlintrc.json: oxlint runs them in a tenth of the time.
    files: typescript,
    extends: [tseslint.configs.strict, tseslint.configs.stylistic],
  },
  {
    files: typescript,
    plugins: { aludel: { rules: { arrows } } },
    rules: {
      'aludel/arrows': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/no-empty-function': 'off',
      // A module of NestJS is such a class.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
    },
  },
  {
    // The types of constructor parameters are values there: NestJS injects by them.
    files: ['examples/nestjs/**/*.ts'],
    languageOptions: { parserOptions: { experimentalDecorators: true, emitDecoratorMetadata: true } },
  },
  {
    // Tests are named `test`, have distinct titles, and are neither focused nor disabled.
    files: ['packages/*/test/**/*.test.ts'],
    plugins: { jest },
    rules: {
      'jest/consistent-test-it': ['error', { fn: 'test', withinDescribe: 'test' }],
      'jest/no-identical-title': 'error',
      'jest/no-focused-tests': 'error',
      'jest/no-disabled-tests': 'error',
      'jest/valid-title': ['error', { mustNotMatch: { test: ['\\.$', 'a title is a clause without a full stop'] } }],
      'jest/valid-describe-callback': 'error',
      'jest/valid-expect': ['error', { maxArgs: 2 }],
    },
  },
  {
    files: ['packages/*/test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
    },
  },
  {
    // One variable sets the number of cases of all random tests.
    files: ['packages/*/test/**/*.test.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'Property[key.name="numRuns"]:not([value.callee.name="testRuns"])',
          message: 'numRuns is testRuns(…) of tools/testing/runs.cjs, so that ALUDEL_TEST_RUNS multiplies it.',
        },
      ],
    },
  },
  {
    // Only the command line prints, prompts or ends the process; a library returns, throws and emits.
    files: ['packages/!(cli)/src/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...['exit', 'exitCode', 'stdout', 'stderr', 'stdin', 'abort'].map((property) => ({
          object: 'process',
          property,
          message: 'Only packages/cli prints, prompts or ends the process.',
        })),
      ],
      'no-restricted-imports': ['error', { name: 'node:process', importNames: ['exit', 'stdout', 'stderr', 'stdin'] }],
    },
  },
  {
    files: ['packages/engine/src/**/*.ts', 'packages/services/src/**/*.ts'],
    ignores: ['packages/engine/src/dialect/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: `BinaryExpression[operator=/^[!=]==?$/] > Literal[value=${engines}]`, message: onlyDialects },
        { selector: `SwitchCase > Literal[value=${engines}]`, message: onlyDialects },
      ],
    },
  },
  {
    files: ['packages/cli/src/**/*.ts', 'packages/cli/bin/**'],
    rules: { 'no-console': 'off' },
  },
  {
    // What runs in a browser, before and beside its modules.
    files: ['packages/web/page/src/**/*.js'],
    languageOptions: { globals: globals.browser, sourceType: 'script' },
  },

  {
    files: ['**/*.mjs'],
    languageOptions: { globals: globals.node, sourceType: 'module' },
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.cjs', 'packages/cli/bin/**/*.js'],
    languageOptions: { globals: globals.node, sourceType: 'commonjs' },
    rules: { 'no-console': 'off' },
  },
)
