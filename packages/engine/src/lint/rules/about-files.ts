import { defineRule } from '../rule'

/*
 * Rules about files and histories, which no statement shows: `inspect/lint.ts` applies them.
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

export const aboutFiles = [ignoreWithoutReason, unusedIgnore, belowHead, editedRevision] as const
