import { long } from './long.mjs'
import { nothingToDo } from './nothing-to-do.mjs'
import { scale } from './scale.mjs'
import { upgrade } from './upgrade.mjs'

/**
 * Every scenario, in the order of the table.
 *
 * @param {import('./setting.mjs').Setting} setting
 * @returns {import('./measure.mjs').Scenario[]}
 */
export function scenarios(setting) {
  return [nothingToDo, scale, upgrade, long].flatMap((group) => group(setting))
}
