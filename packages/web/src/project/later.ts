import { readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'

import type { Migrator } from '@aludel/engine'
import { type CreateOptions } from '@aludel/engine'

import type {
  CreatePreview,
  Plan,
  PlanQuery,
  RevisionDetails,
  SchemaDifference,
  SchemaDocument,
  Story,
  StoryQuery,
} from '../api/types'

/** TEMPORARY: methods of the engine that are not merged yet. */
export interface Later {
  details(id: string): Promise<RevisionDetails>
  schema(query: { readonly at: string }): Promise<SchemaDocument>
  schemaDifference(query: { readonly from: string; readonly to: string }): Promise<SchemaDifference>
  story(query: StoryQuery): Promise<Story>
  previewCreate(message: string, options: CreateOptions): Promise<CreatePreview>
}

export function later(migrator: Migrator): Migrator & Later {
  const fallback: Later = {
    details: async (id) => {
      const [info] = (await migrator.show(id, { details: true })).revisions
      if (info === undefined) throw new Error('none')
      return {
        ...info,
        does: info.does ?? [],
        file: info.path,
        source: readFileSync(info.path, 'utf8'),
        language: info.path.endsWith('ts') ? 'ts' : 'js',
        transactional: true,
        destroys: [],
        unknown: [],
        needs: [],
        locks: [],
        rewrites: [],
        sql: {},
        runs: [],
        findings: [],
      }
    },
    schema: () => Promise.reject(new Error('not yet')),
    schemaDifference: () => Promise.reject(new Error('not yet')),
    story: () => Promise.reject(new Error('not yet')),
    previewCreate: () => Promise.reject(new Error('not yet')),
  }
  return Object.assign(
    migrator,
    Object.fromEntries(Object.entries(fallback).filter(([name]) => !(name in migrator))),
  ) as Migrator & Later
}

export async function planFor(migrator: Migrator, { direction, target, keepDropped }: PlanQuery): Promise<Plan> {
  const plan = await migrator.plan(direction, target, { keepDropped })
  return {
    ...plan,
    steps: plan.steps.map((step) => ({ ...step, tables: [] })),
    needsConfirmation: plan.steps.some((step) => step.destroys.length > 0),
    backup: null,
    fingerprint: createHash('sha256').update(JSON.stringify(plan)).digest('hex').slice(0, 32),
  }
}
