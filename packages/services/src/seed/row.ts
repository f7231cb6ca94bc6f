/** A row, by the properties of its entity. */
export type SeedRow = Readonly<Record<string, unknown>>
