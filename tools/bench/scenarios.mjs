import { branches } from './branches.mjs'
import { create } from './create.mjs'
import { importing } from './import.mjs'
import { largeTables } from './large-tables.mjs'
import { long } from './long.mjs'
import { nothingToDo } from './nothing-to-do.mjs'
import { scale } from './scale.mjs'
import { startUp } from './start-up.mjs'
import { upgrade } from './upgrade.mjs'

/**
 * Every scenario, in the order of the table.
 *
 * @param {import('./setting.mjs').Setting} setting
 * @returns {import('./measure.mjs').Scenario[]}
 */
export function scenarios(setting) {
  return [nothingToDo, startUp, scale, upgrade, long, create, branches, largeTables, importing].flatMap((group) =>
    group(setting),
  )
}
