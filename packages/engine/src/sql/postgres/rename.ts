import type { ObjectType } from 'libpg-query' with { 'resolution-mode': 'import' }

import { displayParts, partsOf, writtenIn } from './nodes'
import type { Handlers } from './statement'

/** Relations that people read and write. */
const readable = new Set<ObjectType>(['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_FOREIGN_TABLE'])

/** Parts of a table, whose names change under its strongest lock. */
const owned = new Set<ObjectType>([
  'OBJECT_COLUMN',
  'OBJECT_TABCONSTRAINT',
  'OBJECT_TRIGGER',
  'OBJECT_POLICY',
  'OBJECT_RULE',
])

/** ALTER … RENAME and SET SCHEMA. Nothing is lost; what comes later is known by its new name. */
export const renames: Handlers = {
  RenameStmt(body, at) {
    const { renameType: type = 'OBJECT_TABLE', relation, object, subname = '', newname = '' } = body
    const words = wordsOf(type)
    if (type === 'OBJECT_SCHEMA') {
      at.says(`rename schema ${subname} to ${newname}`)
      at.memory.renameSchema(subname, newname)
    } else if (relation === undefined || type === 'OBJECT_ATTRIBUTE') {
      at.says(`rename ${words} ${subname === '' ? displayParts(partsOf(object)) : subname} to ${newname}`)
    } else {
      const named = at.memory.relation(writtenIn(relation))
      if (owned.has(type)) {
        const name = type === 'OBJECT_COLUMN' ? `${named.text}.${subname}` : `${subname} of ${named.text}`
        at.says(`rename ${words} ${name} to ${newname}`)
        at.locks('ACCESS EXCLUSIVE', named)
        if (type === 'OBJECT_COLUMN') at.memory.renameColumn(named, subname, newname)
      } else {
        const to = at.memory.renamed(named, newname)
        at.says(`rename ${words} ${named.text} to ${to.text}`)
        if (readable.has(type)) at.locks('ACCESS EXCLUSIVE', named)
        at.memory.move(named, to)
      }
    }
  },
  AlterObjectSchemaStmt({ objectType: type = 'OBJECT_TABLE', relation, object, newschema = '' }, at) {
    if (relation === undefined) {
      at.says(`move ${wordsOf(type)} ${displayParts(partsOf(object))} to schema ${newschema}`)
      return
    }
    const named = at.memory.relation(writtenIn(relation))
    at.says(`move ${wordsOf(type)} ${named.text} to schema ${newschema}`)
    if (readable.has(type)) at.locks('ACCESS EXCLUSIVE', named)
    at.memory.move(named, at.memory.moved(named, newschema))
  },
}

const otherWords: Readonly<Partial<Record<ObjectType, string>>> = {
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_TABCONSTRAINT: 'constraint',
  OBJECT_DOMCONSTRAINT: 'constraint',
  OBJECT_STATISTIC_EXT: 'statistics',
  OBJECT_OPCLASS: 'operator class',
  OBJECT_OPFAMILY: 'operator family',
}

/** `OBJECT_FOREIGN_TABLE`: `foreign table`. */
function wordsOf(type: ObjectType): string {
  return otherWords[type] ?? type.slice('OBJECT_'.length).toLowerCase().replaceAll('_', ' ')
}
