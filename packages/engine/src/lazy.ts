/**
 * The code of the methods of `Migrator`, loaded on their first call: `current` does not load the code that compares
 * schemas. `require` because in a CommonJS package `import()` does the same through the slower module loader.
 */
/* eslint-disable @typescript-eslint/no-require-imports */
export const commands = {
  adopt: () => require('./adopt/adopt') as typeof import('./adopt/adopt'),
  backups: () => require('./backup') as typeof import('./backup'),
  branches: () => require('./branches/compare-branches') as typeof import('./branches/compare-branches'),
  check: () => require('./inspect/check') as typeof import('./inspect/check'),
  create: () => require('./create/create') as typeof import('./create/create'),
  preview: () => require('./create/preview') as typeof import('./create/preview'),
  describe: () => require('./inspect/describe') as typeof import('./inspect/describe'),
  document: () => require('./inspect/document') as typeof import('./inspect/document'),
  edit: () => require('./inspect/edit') as typeof import('./inspect/edit'),
  init: () => require('./project/init') as typeof import('./project/init'),
  journal: () => require('./inspect/journal') as typeof import('./inspect/journal'),
  current: () => require('./inspect/current') as typeof import('./inspect/current'),
  keeping: () => require('./run/keeping') as typeof import('./run/keeping'),
  kept: () => require('./kept/list') as typeof import('./kept/list'),
  pruneKept: () => require('./run/prune-kept') as typeof import('./run/prune-kept'),
  expectation: () => require('./run/expected-head') as typeof import('./run/expected-head'),
  guard: () => require('./run/guard') as typeof import('./run/guard'),
  startUp: () => require('./run/start-up') as typeof import('./run/start-up'),
  lint: () => require('./inspect/lint/lint') as typeof import('./inspect/lint/lint'),
  tracePlan: () => require('./inspect/lint/trace-plan') as typeof import('./inspect/lint/trace-plan'),
  merge: () => require('./branches/merge') as typeof import('./branches/merge'),
  offline: () => require('./run/offline') as typeof import('./run/offline'),
  plan: () => require('./run/plan') as typeof import('./run/plan'),
  schema: () => require('./inspect/schema') as typeof import('./inspect/schema'),
  story: () => require('./inspect/story/story') as typeof import('./inspect/story/story'),
  sizes: () => require('./run/sizes') as typeof import('./run/sizes'),
  rebase: () => require('./branches/rebase') as typeof import('./branches/rebase'),
  repair: () => require('./repair/repair') as typeof import('./repair/repair'),
  squash: () => require('./squash/squash') as typeof import('./squash/squash'),
  run: () => require('./run/run') as typeof import('./run/run'),
  stamp: () => require('./run/stamp') as typeof import('./run/stamp'),
  unlock: () => require('./run/unlock') as typeof import('./run/unlock'),
  wait: () => require('./inspect/wait') as typeof import('./inspect/wait'),
  test: () => require('./testing/test') as typeof import('./testing/test'),
  writeTest: () => require('./testing/write') as typeof import('./testing/write'),
  verify: () => require('./inspect/verify') as typeof import('./inspect/verify'),
}
/* eslint-enable @typescript-eslint/no-require-imports */
