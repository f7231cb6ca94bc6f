import { displayName, type ObjectName, sameName, type Schema, type View } from '../schema/schema'
import { misfit, requireFreeName } from './edit'
import type { CreateView, DropView, OperationKind, ReplaceView } from './operation'

/** The indexes of a materialized view are part of its definition: they are made with it and go with it. */
export const createView: OperationKind<CreateView> = {
  apply({ definition }, schema) {
    requireFreeName(schema, definition)
    return { ...schema, views: [...schema.views, definition] }
  },
  reverse: ({ definition }) => ({ op: 'dropView', definition }),
  destroys: () => [],
  lock: () => 'none',
  describe: ({ definition }) => `create ${wording(definition)}`,
  subject: ({ definition }) => ({ name: displayName(definition) }),
}

export const dropView: OperationKind<DropView> = {
  apply({ definition }, schema) {
    const view = requireView(schema, definition)
    const reader = schema.views.find((other) => other !== view && other.dependsOn.some((read) => sameName(read, view)))
    if (reader !== undefined) throw misfit(`view ${displayName(reader)} reads ${displayName(view)}`)
    return { ...schema, views: schema.views.filter((other) => other !== view) }
  },
  reverse: ({ definition }) => ({ op: 'createView', definition }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ definition }) => `drop ${wording(definition)}`,
  subject: ({ definition }) => ({ name: displayName(definition) }),
}

/** No other view reads it: `planViews` sees to that, so a dialect may drop it and make it again. */
export const replaceView: OperationKind<ReplaceView> = {
  apply({ from, to }, schema) {
    const view = requireView(schema, from)
    return { ...schema, views: schema.views.map((other) => (other === view ? to : other)) }
  },
  reverse: ({ from, to }) => ({ op: 'replaceView', from: to, to: from }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ to }) => `replace ${wording(to)}`,
  subject: ({ to }) => ({ name: displayName(to) }),
}

function requireView(schema: Schema, name: ObjectName): View {
  const view = schema.views.find((other) => sameName(other, name))
  if (view === undefined) throw misfit(`there is no view ${displayName(name)}`)
  return view
}

function wording(view: View): string {
  return `${view.materialized ? 'materialized view' : 'view'} ${displayName(view)}`
}
