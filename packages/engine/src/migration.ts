/**
 * What a revision may import: `import { batched } from '@aludel/engine/migration'`. It loads nothing of the engine until it
 * is used.
 *
 * @packageDocumentation
 */
export { batched } from './batches/batched'
export { type Batch, type BatchedOptions, type BatchedResult } from './batches/options'
