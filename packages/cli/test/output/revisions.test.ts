import { createColors } from 'picocolors'

import type { RevisionInfo } from '@aludel/engine'

import { revisionBlocks, revisionLines } from '../../src/output/revisions'
import { displayWidth } from '../../src/output/table'

const colors = createColors(false)
const info: RevisionInfo = {
  revision: '3f9c1b7a2d40',
  down: ['a1b2c3d4e5f6'],
  dependsOn: [],
  branchLabels: ['reports'],
  message: 'users of the shop, with their names and with a message that is rather long',
  createdAt: '2026-11-29T15:19:01.000Z',
  path: '/app/migrations/1-users.ts',
  name: 'Users1795965541568',
  applied: true,
  isHead: true,
  isCurrent: true,
  isBranchPoint: false,
  isMergePoint: false,
}

test('a list fits the terminal: the message loses its end, marks and labels stay', () => {
  const lines = revisionLines([info, { ...info, message: 'short' }], colors, 80)
  for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(80)
  expect(lines[0]).toMatch(/^3f9c1b7a2d40 {2}users of .*… {2}2026-11-29 15:19 {2}\(head\) \(current\) reports$/)
  expect(revisionLines([info], colors)[0]).toContain(info.message)
})

test('a block has parents, file, labels, what the revision does, and who applied it when', () => {
  const does = ['create table users', 'create index ix_users_name on users']
  const applied = { appliedAt: '2026-11-29T16:20:00.000Z', appliedBy: 'root@vm' }
  const lines = revisionBlocks([{ ...info, ...applied, does }], colors, '/app')
  expect(lines).toEqual(
    expect.arrayContaining([
      'parent    a1b2c3d4e5f6',
      'labels    reports',
      'file      migrations/1-users.ts',
      'applied   2026-11-29 16:20 UTC by root@vm',
      'does      create table users',
      '          create index ix_users_name on users',
    ]),
  )
})

test.each([
  [{ applied: null }, undefined],
  [{ applied: false }, 'applied   no'],
  [{ applied: true }, 'applied   yes'],
])('a block of %j has the line %s', (changes, expected) => {
  const lines = revisionBlocks([{ ...info, ...changes }, info], colors, '/app')
  expect(lines.slice(0, lines.indexOf('')).find((line) => line.startsWith('applied'))).toBe(expected)
})
