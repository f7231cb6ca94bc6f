import { sameName, type Schema, type View } from '../../../schema/schema'
import { quoteName } from '../names'
import { createIndex } from './index-statement'

/** The indexes of a materialized view, and triggers, are part of it. */
export function createView(view: View): string[] {
  return [
    `CREATE ${kindOf(view)} ${quoteName(view)} AS\n${view.definition}`,
    ...view.indexes.flatMap((index) => createIndex(view, index)),
    ...(view.triggers ?? []).map((trigger) => trigger.sql),
  ]
}

export function dropView(view: View): string {
  return `DROP ${kindOf(view)} ${quoteName(view)}`
}

function kindOf(view: View): string {
  return view.materialized ? 'MATERIALIZED VIEW' : 'VIEW'
}

/** The given views and all that read them, in an order in which they can be made. */
export function withReaders(schema: Schema, isMeant: (view: View) => boolean): View[] {
  const meant = new Set(schema.views.filter(isMeant))
  for (let size = -1; size !== meant.size;) {
    size = meant.size
    for (const view of schema.views)
      if (view.dependsOn.some((name) => [...meant].some((other) => sameName(other, name)))) meant.add(view)
  }
  const ordered: View[] = []
  const visit = (view: View): void => {
    if (!meant.delete(view)) return
    for (const other of [...meant]) if (view.dependsOn.some((name) => sameName(other, name))) visit(other)
    ordered.push(view)
  }
  for (const view of [...meant]) visit(view)
  return ordered
}
