import { sameName, type Schema, type View } from '../../../schema/schema'
import { quoteName } from '../names'
import { createIndex, withOptions } from './index-statement'

/** Statements that create the view, with its triggers and the indexes of a materialized one. */
export function createView(view: View): string[] {
  return [
    [`CREATE ${kindOf(view)} ${quoteName(view)}`, ...withOptions(view.options), `AS\n${view.definition}`].join(' '),
    // Nobody reads a new view yet, and the revision may be one transaction.
    ...view.indexes.flatMap((index) => createIndex(view, { ...index, concurrent: undefined })),
    ...(view.triggers ?? []).map((trigger) => trigger.sql),
  ]
}

export function dropView(view: View): string {
  return `DROP ${kindOf(view)} ${quoteName(view)}`
}

function kindOf(view: View): string {
  return view.materialized ? 'MATERIALIZED VIEW' : 'VIEW'
}

/** The matching views and all views that read them, in an order in which they can be created. */
export function withReaders(schema: Schema, matches: (view: View) => boolean): View[] {
  const wanted = new Set(schema.views.filter(matches))
  for (let size = -1; size !== wanted.size;) {
    size = wanted.size
    for (const view of schema.views)
      if (view.dependsOn.some((name) => [...wanted].some((other) => sameName(other, name)))) wanted.add(view)
  }
  const ordered: View[] = []
  const visit = (view: View): void => {
    if (!wanted.delete(view)) return
    for (const other of [...wanted]) if (view.dependsOn.some((name) => sameName(other, name))) visit(other)
    ordered.push(view)
  }
  for (const view of [...wanted]) visit(view)
  return ordered
}
