import { createHash } from 'node:crypto'
import {
  Checkpoint,
  Recommendation,
  RecommendationStatus,
  ValidationResult,
  Workflow,
  WorkflowState,
} from '@aludel/models'
import { checkField, contentFields } from '../../src/reviews/review'
import { planRows } from '../../src/seed/plan'
import { keyOf, Random } from '../../src/seed/random'
import type { SeedRow } from '../../src/seed/row'
import { tablesOf } from '../../src/seed/rows'

const end = new Date('2026-01-01T00:00:00Z')

function make(rows: number, seed = '1'): ReadonlyMap<string, readonly SeedRow[]> {
  return new Map(tablesOf(planRows(keyOf(seed), rows, end)).map(({ entity, make: all }) => [entity.name, [...all()]]))
}

/** Properties of a row, of the given types. */
const text = (row: SeedRow | undefined, property: string): string => String(row?.[property])
const time = (row: SeedRow | undefined, property: string): number => (row?.[property] as Date).getTime()

test.each([...Array.from({ length: 60 }, (_, index) => index + 1), 100, 777, 5000])(
  'makes exactly %i rows, as many of each table as it says',
  (rows) => {
    const tables = tablesOf(planRows(keyOf(`n${String(rows)}`), rows, end))
    const made = tables.map((table) => [...table.make()].length)
    expect(made).toEqual(tables.map((table) => table.rows))
    expect(made.reduce((sum, count) => sum + count, 0)).toBe(rows)
  },
)

test('fills every table from a hundred rows on', () => {
  for (let seed = 0; seed < 50; seed += 1)
    expect([...make(100, String(seed)).values()].filter((rows) => rows.length === 0)).toEqual([])
})

test('makes the same rows for the same seed, and others for another', () => {
  const textOf = (seed: string): string => JSON.stringify([...make(300, seed).values()])
  expect(textOf('a')).toBe(textOf('a'))
  expect(textOf('a')).not.toBe(textOf('b'))
  const ids = (seed: string) =>
    [...make(2000, seed).values()].flat().map((row) => text(row, 'id') + text(row, 'cacheKey'))
  const all = [...ids('a'), ...ids('b')]
  expect(new Set(all).size).toBe(all.length)
})

describe('rows', () => {
  const all = make(2500)
  const rowsOf = (entity: { readonly name: string }): readonly SeedRow[] => all.get(entity.name) ?? []

  test('are not of a time after the end, and were not changed before they were made', () => {
    for (const row of [...all.values()].flat()) {
      expect(time(row, 'createdAt')).toBeLessThan(end.getTime())
      for (const property of ['updatedAt', 'completedAt', 'lastAccessed', 'reviewedAt', 'appliedAt'])
        if (row[property] instanceof Date) {
          expect(time(row, property)).toBeGreaterThanOrEqual(time(row, 'createdAt'))
          expect(time(row, property)).toBeLessThan(end.getTime())
        }
    }
  })

  test('of workflows have steps, a share and times that fit their states', () => {
    const seen = new Set<unknown>()
    for (const row of rowsOf(Workflow)) {
      const { state, currentStep, totalSteps, progressPercent, completedAt, errorMessage } = row as unknown as Workflow
      seen.add(state)
      expect(currentStep).toBeLessThanOrEqual(totalSteps)
      expect(progressPercent).toBe(Math.floor((100 * currentStep) / totalSteps))
      expect(completedAt !== null).toBe(
        [WorkflowState.Completed, WorkflowState.Failed, WorkflowState.Cancelled].includes(state),
      )
      expect(errorMessage !== null).toBe(state === WorkflowState.Failed)
      if (state === WorkflowState.Completed) expect(currentStep).toBe(totalSteps)
      if (state === WorkflowState.Pending) expect(currentStep).toBe(0)
    }
    expect(seen).toEqual(new Set(Object.values(WorkflowState)))
  })

  test('of checkpoints belong to a step that is done, within the time of their workflow', () => {
    const workflows = new Map(rowsOf(Workflow).map((row) => [row['id'], row]))
    for (const row of rowsOf(Checkpoint)) {
      const workflow = workflows.get(row['workflowId'])
      expect(Number(row['stepNumber'])).toBeLessThanOrEqual(Number(workflow?.['currentStep']))
      expect(time(row, 'createdAt')).toBeGreaterThanOrEqual(time(workflow, 'createdAt'))
      expect(time(row, 'createdAt')).toBeLessThanOrEqual(time(workflow, 'updatedAt'))
    }
  })

  test('of validations number the versions of each file in the order of time, after their workflow has begun', () => {
    const workflows = new Map(rowsOf(Workflow).map((row) => [row['id'], row]))
    const byId = new Map(rowsOf(ValidationResult).map((row) => [row['id'], row]))
    const versions = new Map<string, SeedRow[]>()
    for (const row of byId.values()) {
      const file = text(row, 'filePath')
      versions.set(file, [...(versions.get(file) ?? []), row])
      const workflow = workflows.get(row['workflowId'])
      if (row['workflowId'] !== null) {
        expect(workflow?.['state']).not.toBe(WorkflowState.Pending)
        expect(time(row, 'createdAt')).toBeGreaterThanOrEqual(time(workflow, 'createdAt'))
      }
      const parent = byId.get(row['parentValidationId'])
      if (parent !== undefined) {
        expect(parent['filePath']).toBe(row['filePath'])
        expect(parent['versionNumber']).toBe(Number(row['versionNumber']) - 1)
      } else expect(row['parentValidationId']).toBeNull()
    }
    for (const rows of versions.values()) {
      expect(rows.map((row) => row['versionNumber'])).toEqual(rows.map((_, index) => index + 1))
      const times = rows.map((row) => time(row, 'createdAt'))
      expect(times).toEqual(times.toSorted((a, b) => a - b))
    }
  })

  test('of recommendations have the audit entries that led to their state', () => {
    const entries = new Map<string, string[]>()
    for (const row of all.get('AuditLog') ?? []) {
      const of = text(row, 'recommendationId')
      entries.set(of, [...(entries.get(of) ?? []), text(row, 'action')])
    }
    const ends: Readonly<Record<RecommendationStatus, readonly string[]>> = {
      proposed: [],
      pending: [],
      approved: ['approve'],
      rejected: ['reject'],
      applied: ['approve', 'apply'],
    }
    const seen = new Set<unknown>()
    for (const row of rowsOf(Recommendation)) {
      const { status, reviewedBy, appliedBy, id, confidence } = row as unknown as Recommendation
      seen.add(status)
      expect(entries.get(id)?.filter((action) => action !== 'edit')).toEqual(['propose', ...ends[status]])
      expect(reviewedBy !== null).toBe(ends[status].length > 0)
      expect(appliedBy !== null).toBe(status === RecommendationStatus.Applied)
      expect(confidence).toBeGreaterThanOrEqual(0)
      expect(confidence).toBeLessThanOrEqual(1)
    }
    expect(seen).toEqual(new Set(Object.values(RecommendationStatus)))
  })

  test('of reviews are what the service accepts, each identity once', () => {
    const identities = new Set<string>()
    for (const row of all.get('ReviewDecision') ?? []) {
      for (const field of ['analysisId', 'componentId', 'threatId', ...contentFields] as const)
        expect(checkField(field, row[field])).toEqual([])
      identities.add(JSON.stringify([row['analysisId'], row['componentId'], row['threatId']]))
    }
    expect(identities.size).toBe(all.get('ReviewDecision')?.length)
  })

  test('of the cache have the keys that the service computes', () => {
    for (const row of all.get('CacheEntry') ?? []) {
      const identity = JSON.stringify([row['agentId'], row['methodName'], row['inputHash']])
      expect(row['cacheKey']).toBe(createHash('sha256').update(identity).digest('hex'))
      expect(row['sizeBytes']).toBe((row['resultData'] as Buffer).length)
    }
  })

  test('fit the lengths of their columns', () => {
    const longest = (entity: string, property: string): number =>
      Math.max(...(all.get(entity) ?? []).map((row) => text(row, property).length))
    expect(longest('Workflow', 'type')).toBeLessThanOrEqual(50)
    expect(longest('ValidationResult', 'filePath')).toBeLessThanOrEqual(1024)
    expect(longest('ValidationResult', 'runId')).toBeLessThanOrEqual(64)
    expect(longest('Recommendation', 'title')).toBeLessThanOrEqual(200)
  })
})

test('random numbers of one row do not depend on those of another, and are spread evenly', () => {
  const key = keyOf('spread')
  const first = new Random(key, 1, 7)
  first.word()
  expect(new Random(key, 1, 8).word()).not.toBe(first.word())
  expect(new Random(key, 1, 2 ** 40).word()).not.toBe(new Random(key, 1, 0).word())
  const counts = Array.from({ length: 10 }, () => 0)
  for (let index = 0; index < 10_000; index += 1) {
    const place = new Random(key, 2, index).between(0, 9)
    counts[place] = (counts[place] ?? 0) + 1
  }
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150)
  expect(new Random(key, 1, 1).uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})
