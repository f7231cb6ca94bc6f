import type { Rule } from '../../rule'
import { addColumnRefused } from './add-column-refused'
import { addRequiredColumn } from './add-required-column'
import { cascadeInRebuild } from './cascade-in-rebuild'
import { dropColumnRefused } from './drop-column-refused'
import { outsidePragma } from './outside-pragma'
import { positionalCopy } from './positional-copy'
import { pragmaLeft } from './pragma-left'
import { rebuildLoses } from './rebuild-loses'
import { renameLegacy } from './rename-legacy'
import { sequenceLost } from './sequence-lost'

export const sqliteRules: readonly Rule[] = [
  cascadeInRebuild,
  addRequiredColumn,
  rebuildLoses,
  addColumnRefused,
  dropColumnRefused,
  renameLegacy,
  positionalCopy,
  outsidePragma,
  sequenceLost,
  pragmaLeft,
]
