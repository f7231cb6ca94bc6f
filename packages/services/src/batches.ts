/** How a service deletes many rows: in batches, so that nobody waits long for one. */
export interface BatchOptions {
  /** Called after each batch, with the number of rows that were deleted so far. */
  readonly onProgress?: (deleted: number) => void
  /** Stops after a batch: what was deleted stays so. */
  readonly signal?: AbortSignal
}
