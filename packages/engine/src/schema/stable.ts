import { createHash } from 'node:crypto'

import { stableJson } from './json'
import { normalizeSchema } from './normalize'
import type { Schema } from './schema'

export { stableJson } from './json'

/** SHA-256 of a schema, in hex. The same for two schemas exactly when `schemasEqual` says they are equal. */
export function schemaHash(schema: Schema): string {
  return createHash('sha256')
    .update(stableJson(normalizeSchema(schema)))
    .digest('hex')
}
