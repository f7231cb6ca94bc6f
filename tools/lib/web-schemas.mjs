import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createGenerator } from 'ts-json-schema-generator'

/**
 * Compares `src/api/schemas.json` of the web package, by which its server checks requests and describes itself, with the types of
 * the bodies in `src/api/types.ts`. The engine must be built, because the types extend its results.
 *
 * @param {string} folder of the package, absolute
 * @param {object} options
 * @param {boolean} options.accept write the file
 * @param {string} options.scratch a folder for the current schemas
 * @returns {import('./api.mjs').Report}
 */
export function webSchemasReport(folder, { accept, scratch }) {
  const text = JSON.stringify(schemasOf(folder), null, 1) + '\n'
  const file = join(folder, 'src/api/schemas.json')
  const built = join(scratch, 'web-schemas.json')
  mkdirSync(scratch, { recursive: true })
  writeFileSync(built, text)
  const changed = !existsSync(file) || readFileSync(file, 'utf8') !== text
  if (changed && accept) writeFileSync(file, text)
  return { file, built, changed, problems: [] }
}

/**
 * The schemas by name, in the dialect of OpenAPI 3.1: JSON Schema 2020-12.
 *
 * @param {string} folder
 */
function schemasOf(folder) {
  const generator = createGenerator({
    path: join(folder, 'src/api/types.ts'),
    tsconfig: join(folder, 'tsconfig.json'),
    expose: 'export',
    jsDoc: 'extended',
    additionalProperties: false,
    encodeRefs: false,
    // The build has checked them.
    skipTypeCheck: true,
  })
  const { definitions = {} } = generator.createSchema('*')
  // OpenAPI allows no name such as `Page<Row>`. What extends such a type contains its keys.
  const names = Object.keys(definitions)
    .filter((name) => !name.includes('<'))
    .sort()
  return Object.fromEntries(names.map((name) => [name, modern(definitions[name])]))
}

/**
 * Draft 7 as 2020-12: tuples, and places of references. Links in comments become plain text.
 *
 * @param {unknown} value
 * @returns {unknown}
 */
function modern(value) {
  if (Array.isArray(value)) return value.map(modern)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      if (key === '$ref') return [[key, String(inner).replace('#/definitions/', '#/components/schemas/')]]
      if (key === 'description' && typeof inner === 'string')
        return [[key, inner.replace(/\{\s*@link\s+(\S+)\s*\}\s*/g, '`$1` ').trim()]]
      if (key !== 'items' || !Array.isArray(inner)) return [[key, modern(inner)]]
      return [
        ['prefixItems', modern(inner)],
        ['items', false],
      ]
    }),
  )
}
