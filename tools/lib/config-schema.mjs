import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { toJsonSchema } from '@valibot/to-json-schema'

const require = createRequire(import.meta.url)

/**
 * Compares `config.schema.json` of the engine, with which editors check and complete `aludel.config.json`, with the schema that
 * checks the values when the file is read. The package must be built.
 *
 * @param {string} folder of the engine, absolute
 * @param {object} options
 * @param {string} options.file to compare: the engine's, or the copy of another package
 * @param {boolean} options.accept write the file
 * @param {string} options.scratch a folder for the current schema
 * @returns {import('./api.mjs').Report}
 */
export function configSchemaReport(folder, { file, accept, scratch }) {
  const { configSchema } = require(join(folder, 'dist/project/config-schema.js'))
  const text = JSON.stringify(jsonSchemaOf(configSchema), null, 2) + '\n'
  const built = join(scratch, 'config.schema.json')
  mkdirSync(scratch, { recursive: true })
  writeFileSync(built, text)
  const changed = !existsSync(file) || readFileSync(file, 'utf8') !== text
  if (changed && accept) writeFileSync(file, text)
  return { file, built, changed, problems: [] }
}

/** @param {Parameters<typeof toJsonSchema>[0]} schema */
function jsonSchemaOf(schema) {
  return {
    ...toJsonSchema(schema, {
      target: 'draft-07',
      // What JSON cannot say (each dialect once) is checked when the file is read.
      errorMode: 'ignore',
      overrideSchema: ({ valibotSchema, jsonSchema }) =>
        // A DataSource and a function are values only of a file with code.
        valibotSchema.type === 'union'
          ? { anyOf: jsonSchema.anyOf?.filter((one) => typeof one === 'object' && 'type' in one) }
          : undefined,
    }),
    title: 'Configuration of Aludel: aludel.config.json',
  }
}
