import { toolVersion } from '@aludel/engine'

import type { Route } from '../routes/route'
import { csrfHeader } from '../security/guard'
import schemas from './schemas.json'
import { schemaOf, type SchemaName } from './validation'

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, { readonly description?: string }>>
  readonly required?: readonly string[]
}

/**
 * The description of the API by the routes themselves, for clients and their generators: https://spec.openapis.org/oas/v3.1.1
 *
 * @param prefix under which it is mounted: empty, or `/aludel`
 */
export function openApiDocument(routes: readonly Route[], prefix: string): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Aludel',
      version: toolVersion,
      description:
        'The migrations of one database. Times are ISO 8601 in UTC, durations milliseconds, sizes bytes. ' +
        'Errors have the codes of the command line.',
    },
    servers: [{ url: `${prefix}/api/v1` }],
    paths,
    components: {
      schemas,
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'aludel-PORT', description: 'Set by POST /session.' },
        csrf: { type: 'apiKey', in: 'header', name: csrfHeader, description: '`csrf` of GET /session.' },
      },
    },
  }
}

function operationOf(route: Route): Readonly<Record<string, unknown>> {
  const { method, path, summary, access, query, body, answer } = route
  const parameters = [
    ...(path.includes(':id') ? parametersOf('IdParams', 'path') : []),
    ...(query === undefined ? [] : parametersOf(query, 'query')),
  ]
  return {
    operationId: operationId(route),
    summary,
    security: access === 'open' ? [] : [method === 'GET' ? { session: [] } : { session: [], csrf: [] }],
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body) } } },
    }),
    responses: {
      [String(answer.status ?? 200)]: {
        description: answer.schema ?? 'Done',
        ...(answer.schema !== undefined && {
          content: { [answer.type ?? 'application/json']: { schema: schemaOf(answer.schema) } },
        }),
      },
      default: {
        description: 'An error',
        content: { 'application/json': { schema: schemaOf('ApiError') } },
      },
    },
  }
}

/** `GET /runs/:id/events` is `getRunsByIdEvents`. */
function operationId({ method, path }: Route): string {
  const words = path.split(/[/.]/).filter((word) => word !== '')
  return [
    method.toLowerCase(),
    ...words.map((word) => (word.startsWith(':') ? `By${capital(word.slice(1))}` : capital(word))),
  ].join('')
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

function parametersOf(name: SchemaName, place: 'path' | 'query'): readonly Readonly<Record<string, unknown>>[] {
  const { properties = {}, required = [] } = schemas[name] as ObjectSchema
  return Object.entries(properties).map(([key, { description, ...schema }]) => ({
    name: key,
    in: place,
    required: required.includes(key),
    ...(description !== undefined && { description }),
    schema,
  }))
}
