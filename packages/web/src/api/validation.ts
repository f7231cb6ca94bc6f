import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv/dist/2020'

import schemas from './schemas.json'
import { ApiFailure } from './errors'

/** The name of a type in `types.ts`. */
export type SchemaName = keyof typeof schemas

const document = { $id: 'aludel', components: { schemas } } as const

/** A reference to the schema of a type, inside the document that contains all of them. */
export function schemaOf(name: SchemaName): { readonly $ref: string } {
  return { $ref: `#/components/schemas/${name}` }
}

/**
 * Checks values of requests. Unknown keys are errors. In a query and in a path everything is text, so that there numbers and booleans
 * are read from it; a body must have the right types.
 */
export class Validation {
  readonly #strict = makeAjv(false)
  readonly #coercing = makeAjv(true)

  /**
   * @param from where the values come from, for the error
   * @returns the check, which throws ApiFailure `ALUDEL_WEB_INPUT` with the key in its help
   */
  of(name: SchemaName, from: 'body' | 'query' | 'path'): (value: unknown) => void {
    const validate = (from === 'body' ? this.#strict : this.#coercing).getSchema(`aludel#/components/schemas/${name}`)
    if (validate === undefined) throw new Error(`there is no schema ${name}`)
    return (value) => {
      if (!(validate as ValidateFunction)(value)) throw inputFailure(from, validate.errors?.[0])
    }
  }
}

function makeAjv(coerceTypes: boolean): Ajv {
  // A key that `required` names may be in another part of an intersection.
  const ajv = new Ajv({ coerceTypes, strict: true, strictTypes: false, strictRequired: false })
  // Where OpenAPI has its schemas.
  ajv.addKeyword('components')
  ajv.addSchema(document)
  return ajv
}

function inputFailure(from: string, error: ErrorObject | undefined): ApiFailure {
  const { instancePath = '', keyword, params = {}, message = 'is not valid' } = error ?? {}
  const place = instancePath.slice(1).replaceAll('/', '.')
  const inside = place === '' ? '' : `${place}.`
  const key =
    keyword === 'additionalProperties'
      ? `${inside}${String(params['additionalProperty'])}`
      : keyword === 'required'
        ? `${inside}${String(params['missingProperty'])}`
        : place
  const allowed = keyword === 'enum' ? `: ${(params['allowedValues'] as unknown[]).join(', ')}` : ''
  return new ApiFailure(
    'ALUDEL_WEB_INPUT',
    `the ${from} of the request is not valid`,
    keyword === 'additionalProperties'
      ? `${key} is not a known key.`
      : `${key === '' ? `The ${from}` : key} ${keyword === 'required' ? 'is missing' : message}${allowed}.`,
    { key, ...(keyword === undefined ? {} : { rule: keyword }) },
  )
}
