/**
 * The module for revisions: `import { batched } from '@aludel/engine/migration'`. It loads the engine only when `batched`
 * is called.
 *
 * @module @aludel/engine/migration
 * @packageDocumentation
 */
export { batched } from './batches/batched'
export { type Batch, type BatchedOptions, type BatchedResult, type BatchWork } from './batches/options'
