import type { ObjectType } from 'libpg-query' with { 'resolution-mode': 'import' }

import { displayParts, partsOf, wordsOf } from './nodes'
import type { Handlers } from './statement'

/** Relations that others can be reading or writing. */
const readable = new Set<ObjectType>(['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_FOREIGN_TABLE'])

/** Parts of a table: to rename them takes its strongest lock. */
const owned = new Set<ObjectType>([
  'OBJECT_COLUMN',
  'OBJECT_TABCONSTRAINT',
  'OBJECT_TRIGGER',
  'OBJECT_POLICY',
  'OBJECT_RULE',
])

/** ALTER … RENAME and SET SCHEMA. Nothing is lost, and later statements use the new name. */
export const renames: Handlers = {
  RenameStmt(body, at) {
    const { renameType: type = 'OBJECT_TABLE', relation, object, subname = '', newname = '' } = body
    const words = wordsOf(type)
    if (type === 'OBJECT_SCHEMA') {
      at.does(`rename schema ${subname} to ${newname}`)
      at.memory.renameSchema(subname, newname)
    } else if (relation === undefined || type === 'OBJECT_ATTRIBUTE') {
      at.does(`rename ${words} ${subname === '' ? displayParts(partsOf(object)) : subname} to ${newname}`)
    } else {
      const named = at.relation(relation)
      if (owned.has(type)) {
        const name = type === 'OBJECT_COLUMN' ? `${named.text}.${subname}` : `${subname} of ${named.text}`
        at.does(`rename ${words} ${name} to ${newname}`)
        at.locks('ACCESS EXCLUSIVE', named)
        if (type === 'OBJECT_COLUMN') at.memory.renameColumn(named, subname, newname)
      } else {
        if (readable.has(type)) at.locks('ACCESS EXCLUSIVE', named)
        at.does(`rename ${words} ${named.text} to ${at.memory.move(named, { name: newname }).text}`)
      }
    }
  },
  AlterObjectSchemaStmt({ objectType: type = 'OBJECT_TABLE', relation, object, newschema = '' }, at) {
    if (relation === undefined) {
      at.does(`move ${wordsOf(type)} ${displayParts(partsOf(object))} to schema ${newschema}`)
      return
    }
    const named = at.relation(relation)
    at.does(`move ${wordsOf(type)} ${named.text} to schema ${newschema}`)
    if (readable.has(type)) at.locks('ACCESS EXCLUSIVE', named)
    at.memory.move(named, { schema: newschema })
  },
}
