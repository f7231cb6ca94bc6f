import type { Rule } from '../../rule'
import { charType } from './char-type'
import { columnAlignment } from './column-alignment'
import { constrainedDomain } from './constrained-domain'
import { enumType } from './enum-type'
import { foreignKeyWithoutIndex } from './foreign-key-without-index'
import { jsonType } from './json-type'
import { serial } from './serial'
import { smallKey } from './small-key'
import { timestampWithoutZone } from './timestamp-without-zone'
import { unqualifiedName } from './unqualified-name'
import { varcharLimit } from './varchar-limit'
import { wideIndex } from './wide-index'

/** Off by default. */
export const styleRules: readonly Rule[] = [
  jsonType,
  smallKey,
  serial,
  charType,
  varcharLimit,
  timestampWithoutZone,
  wideIndex,
  foreignKeyWithoutIndex,
  constrainedDomain,
  enumType,
  unqualifiedName,
  columnAlignment,
]
