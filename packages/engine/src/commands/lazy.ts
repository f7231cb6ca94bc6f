/**
 * What the methods of `Migrator` do, each loaded when it is first called (decision D10): to say what is current, nobody
 * has to read the code that compares schemas. `require` and not `import()`, which in a CommonJS package would go through
 * the slower module loader and give the same.
 */
/* eslint-disable @typescript-eslint/no-require-imports */
export const commands = {
  branches: () => require('../branches/compare-branches') as typeof import('../branches/compare-branches'),
  check: () => require('./check') as typeof import('./check'),
  create: () => require('../create/create') as typeof import('../create/create'),
  diff: () => require('../create/diff') as typeof import('../create/diff'),
  document: () => require('./document') as typeof import('./document'),
  edit: () => require('./edit') as typeof import('./edit'),
  findings: () => require('./findings') as typeof import('./findings'),
  guard: () => require('./guard') as typeof import('./guard'),
  initialize: () => require('./initialize') as typeof import('./initialize'),
  merge: () => require('../branches/merge') as typeof import('../branches/merge'),
  offline: () => require('./offline') as typeof import('./offline'),
  plan: () => require('./plan') as typeof import('./plan'),
  rebuilds: () => require('./rebuilds') as typeof import('./rebuilds'),
  rebase: () => require('../branches/rebase') as typeof import('../branches/rebase'),
  repair: () => require('./repair') as typeof import('./repair'),
  squash: () => require('../squash/squash') as typeof import('../squash/squash'),
  run: () => require('./run') as typeof import('./run'),
  stamp: () => require('./stamp') as typeof import('./stamp'),
  unlock: () => require('./unlock') as typeof import('./unlock'),
  verify: () => require('./verify') as typeof import('./verify'),
}
/* eslint-enable @typescript-eslint/no-require-imports */
