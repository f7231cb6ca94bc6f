/**
 * The module for tests beside revisions: `import { testRevision } from '@aludel/engine/testing'`. It loads nothing of the engine;
 * `aludel migrate test` runs the tests.
 *
 * @module @aludel/engine/testing
 * @packageDocumentation
 */
export {
  type RevisionTest,
  type RevisionTestCase,
  type RevisionTestCases,
  type TestDatabase,
  type TestRow,
  type TestRows,
  type TestRowsOptions,
  type TestStep,
  testRevision,
} from './testing/cases'
export { type Refusal } from './dialect/roles/errors'
export { type DialectName } from './dialect/registry'
