import { lanesOf, type Migrator, type RevisionInfo } from '@aludel/engine'

import type { Journal, JournalQuery, RevisionDetails, RevisionRow, Revisions } from '../api/types'
import { clientGone, defineRoute } from './route'

export const revisionRoutes = [
  defineRoute({
    method: 'GET',
    path: '/revisions',
    summary: 'All revisions, newest first, with the lanes of their graph',
    access: 'session',
    answer: { schema: 'Revisions' },
    handle: (_input, services): Promise<Revisions> => services.revisions.get(),
  }),
  defineRoute({
    method: 'GET',
    path: '/revisions/:id',
    summary: 'One revision in full: its file, statements, effects and runs',
    access: 'session',
    answer: { schema: 'RevisionDetails' },
    handle: ({ id, reply }, { project }): Promise<RevisionDetails> =>
      project.read((migrator) => migrator.describe(id), { signal: clientGone(reply) }),
  }),
  defineRoute<JournalQuery>({
    method: 'GET',
    path: '/journal',
    summary: 'What was done to the database, newest first',
    access: 'session',
    query: 'JournalQuery',
    answer: { schema: 'Journal' },
    handle: ({ query, reply }, { project }): Promise<Journal> =>
      project.read((migrator) => migrator.journal(query), { signal: clientGone(reply) }),
  }),
]

/** Reads the revisions, with what is applied. */
export async function readRevisions(migrator: Migrator): Promise<Revisions> {
  const { revisions } = await migrator.history({ indicateCurrent: true })
  const { rows, lanes } = lanesOf(revisions)
  return { revisions: revisions.map((revision, index) => rowOf(revision, rows[index])), lanes }
}

function rowOf(
  revision: RevisionInfo,
  { lane = 0, edges = [] }: Partial<Pick<RevisionRow, 'lane' | 'edges'>> = {},
): RevisionRow {
  const { down, dependsOn, branchLabels, replaces = [], message, createdAt, applied, halfway } = revision
  return {
    revision: revision.revision,
    ...(down.length > 0 && { down }),
    ...(dependsOn.length > 0 && { dependsOn }),
    ...(branchLabels.length > 0 && { branchLabels }),
    ...(replaces.length > 0 && { replaces }),
    message,
    createdAt,
    applied: applied === true,
    ...(halfway !== undefined && { halfway }),
    ...(revision.isHead && { isHead: true as const }),
    ...(revision.isCurrent && { isCurrent: true as const }),
    lane,
    ...(edges.length > 0 && { edges }),
  }
}
