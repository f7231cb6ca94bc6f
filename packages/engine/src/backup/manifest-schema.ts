import * as v from 'valibot'

import { type DialectName, dialectNames } from '../dialect/registry'
import { AludelError } from '../errors'
import { backupReasons, type Manifest, manifestFormat } from './manifest'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
/** A name inside a folder, never a path out of it. */
const fileName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/))

const schema = v.object({
  format: v.literal(manifestFormat),
  id: v.pipe(v.string(), v.regex(/^\d{8}T\d{6}Z-[0-9a-f]{4}$/)),
  kind: v.picklist(['database', 'tables']),
  createdAt: v.pipe(v.string(), v.isoTimestamp()),
  reason: v.picklist(backupReasons),
  toolVersion: v.string(),
  program: v.string(),
  database: v.object({
    dialect: v.custom<DialectName>((value) => (dialectNames() as readonly unknown[]).includes(value)),
    name: v.string(),
    serverVersion: v.string(),
    server: v.optional(v.string()),
  }),
  revision: v.array(v.string()),
  history: v.object({ table: v.string(), journal: v.string() }),
  tables: v.array(v.object({ schema: v.optional(v.string()), name: v.string(), rows: count })),
  file: fileName,
  bytes: count,
  files: v.array(v.object({ name: fileName, bytes: count, sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) })),
  settings: v.record(v.string(), v.unknown()),
})

/**
 * Reads the text of a manifest.
 *
 * @param file its path, for messages
 * @throws AludelError `ALUDEL_BACKUP` when it is not a manifest, or one of a later version
 */
export function parseManifest(text: string, file: string): Manifest {
  const value = jsonOf(text)
  const format: unknown = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined
  if (typeof format === 'number' && format > manifestFormat) {
    throw new AludelError('ALUDEL_BACKUP', `${file} was written by a later version of Aludel`, {
      help: `Its format is ${String(format)}; this version reads ${String(manifestFormat)}. Update @aludel/cli.`,
      details: { path: file },
    })
  }
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  const [issue] = result.issues
  const key = (issue.path ?? []).map((part) => String(part.key)).join('.')
  throw new AludelError(
    'ALUDEL_BACKUP',
    `${file} is not the manifest of a backup${key === '' ? '' : `: ${key} is wrong or missing`}`,
    { help: 'Remove the file, or restore it from a copy.', details: { path: file } },
  )
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
