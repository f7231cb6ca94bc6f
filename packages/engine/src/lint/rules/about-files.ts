import { defineRule } from '../rule'

/*
 * Rules about files and histories, which no statement shows: `inspect/lint/` applies them.
 */

export const ignoreWithoutReason = defineRule({
  id: 'I1',
  name: 'ignore-without-reason',
  category: 'hygiene',
  severity: 'error',
  about: 'A comment that ignores a rule without saying why has no effect: the next reader must be able to judge it.',
})

export const unusedIgnore = defineRule({
  id: 'I2',
  name: 'unused-ignore',
  category: 'hygiene',
  severity: 'warning',
  about:
    'A comment ignores a rule that finds nothing there, or that does not exist. Left alone, it hides the next finding.',
})

export const belowHead = defineRule({
  id: 'T5',
  name: 'below-head',
  category: 'hygiene',
  severity: 'warning',
  about:
    'A revision is not applied, and one that depends on it is: databases differ in the order in which they ran. With --database.',
})

export const editedRevision = defineRule({
  id: 'T6',
  name: 'edited-revision',
  category: 'hygiene',
  severity: 'error',
  about: 'A file was edited after it was applied: other databases get something else. With --database.',
})

export const unseenLock = defineRule({
  id: 'M1',
  name: 'unseen-lock',
  category: 'locks',
  severity: 'warning',
  about: 'A statement takes a lock that blocks writes, and its text does not show it. With --trace.',
})

export const unseenRewrite = defineRule({
  id: 'M2',
  name: 'unseen-rewrite',
  category: 'rewrites',
  severity: 'error',
  about: 'A statement rewrites a table, and its text does not show it. With --trace.',
})

export const aboutFiles = [
  ignoreWithoutReason,
  unusedIgnore,
  belowHead,
  editedRevision,
  unseenLock,
  unseenRewrite,
] as const
