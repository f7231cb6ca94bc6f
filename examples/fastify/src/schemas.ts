/** Parts of the schemas of several routes. */
export const idParams = {
  type: 'object',
  properties: { id: { type: 'string', format: 'uuid' } },
} as const

/** The type of {@link idParams}. */
export interface Id {
  Params: { id: string }
}

/** Which part of a list: as many as `limit`, after the `next` of the part before. */
export const page = { after: { type: 'string' }, limit: { type: 'integer', minimum: 1, maximum: 100 } } as const

/** The type of {@link page}. */
export interface PageQuery {
  after?: string
  limit?: number
}
