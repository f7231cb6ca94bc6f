import { backups } from './backups.mjs'
import { branches } from './branches.mjs'
import { create } from './create.mjs'
import { importing } from './import.mjs'
import { largeTables } from './large-tables.mjs'
import { long } from './long.mjs'
import { atHead } from './at-head.mjs'
import { scale } from './scale.mjs'
import { stalls } from './stalls.mjs'
import { startUp } from './start-up.mjs'
import { upgrade } from './upgrade.mjs'

/** Every group of scenarios, in the order of the table. Those of a group may share databases and files. */
export const groups = [atHead, startUp, scale, upgrade, long, create, branches, largeTables, stalls, backups, importing]

/**
 * @param {import('./setting.mjs').Setting} setting
 * @returns {import('./measure.mjs').Scenario[]}
 */
export const scenarios = (setting) => groups.flatMap((group) => group(setting))
