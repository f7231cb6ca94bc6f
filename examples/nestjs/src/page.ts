import * as v from 'valibot'

/** Which part of a list: as many as `limit`, after the `next` of the part before. */
export const page = {
  after: v.optional(v.string()),
  limit: v.optional(v.pipe(v.string(), v.toNumber(), v.integer(), v.minValue(1), v.maxValue(100))),
}
