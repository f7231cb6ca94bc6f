import type { ClientConfig } from 'pg'

/** Writes a line for each table: its number, schema, name and rows; and `END`. Default of `connection` is that of the environment. */
export function writeCounts(file: string, snapshot: string | undefined, connection?: ClientConfig): Promise<void>
