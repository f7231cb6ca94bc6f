import { dialectNames } from '../../../tools/testing/databases'
import { openApiDocument } from '../src/api/openapi'
import schemas from '../src/api/schemas.json'
import { routes } from '../src/routes'
import type { Client } from './support/client'
import { WebProject } from './support/project'

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean }[]
}

describe('the description of the API', () => {
  let project: WebProject
  let client: Client
  let document: { paths: Record<string, Record<string, Operation>> }

  beforeAll(async () => {
    project = await WebProject.make(dialectNames[0]!)
    client = (await project.start()).client
    // It is open: a client needs it before it has a session.
    document = (await client.get('/openapi.json')).json()
  })
  afterAll(() => project.remove())

  test('is valid OpenAPI 3.1', async () => {
    const { Validator } = await import('@seriousme/openapi-schema-validator')
    const validator = new Validator()
    const result = await validator.validate(structuredClone(document))
    expect(result).toEqual({ valid: true })
    expect(validator.version).toBe('3.1')
  })

  test('has every route once, with an id and a summary', () => {
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(described.sort()).toEqual(
      routes.map(({ method, path }) => `${method} ${path.replace(':id', '{id}')}`).sort(),
    )
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path))
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(routes.length)
    expect(operations.map(({ operationId }) => operationId)).toContain('getRunsByIdEvents')
    for (const { summary } of operations) expect(summary).toMatch(/^[A-Z].*[^.]$/)
  })

  test('names the parameters of paths and queries', () => {
    expect(document.paths['/plan']?.['get']?.parameters).toMatchObject([
      { name: 'direction', in: 'query', required: true },
      { name: 'target', in: 'query', required: false },
      { name: 'keepDropped', in: 'query', required: false },
      { name: 'backup', in: 'query', required: false },
      { name: 'transaction', in: 'query', required: false },
      { name: 'trace', in: 'query', required: false },
    ])
    expect(document.paths['/runs/{id}']?.['get']?.parameters).toMatchObject([
      { name: 'id', in: 'path', required: true },
    ])
  })

  test('says where it is mounted', () => {
    expect(openApiDocument(routes, '/aludel')).toMatchObject({ servers: [{ url: '/aludel/api/v1' }] })
  })

  test('refuses unknown keys in every request', () => {
    const all: Readonly<Record<string, object>> = schemas
    for (const { query, body } of routes)
      for (const name of [query, body])
        if (name !== undefined)
          expect([name, all[name]]).toEqual([name, expect.objectContaining({ additionalProperties: false })])
  })
})
