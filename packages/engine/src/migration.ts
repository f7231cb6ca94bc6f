/**
 * What a revision may import: `import { batched } from '@aludel/engine/migration'`. It loads nothing of the engine until it
 * is used.
 *
 * @module @aludel/engine/migration
 * @packageDocumentation
 */
export { batched } from './batches/batched'
export { type Batch, type BatchedOptions, type BatchedResult, type BatchWork } from './batches/options'
