import type { RebuildWatch } from './roles/running'

/** One watch that passes every statement to all of them, in order. */
export function watchTogether(watches: readonly RebuildWatch[]): RebuildWatch {
  return {
    step: (database) => {
      const steps = watches.map((watch) => watch.step(database))
      return {
        before: (sql) => {
          const pending = steps.flatMap((step) => step.before(sql) ?? [])
          return pending.length === 0 ? undefined : Promise.all(pending).then(() => undefined)
        },
        finish: async () => {
          for (const step of steps) await step.finish()
        },
      }
    },
  }
}
