import type { Group } from '../form'

import { columns } from './columns'
import { constraints } from './constraints'
import { dataTypes } from './data-types'
import { indexes } from './indexes'
import { partitions } from './partitions'
import { programs } from './programs'
import { tables } from './tables'
import { types } from './types'
import { views } from './views'

/** Forms of DDL whose locks and rewrites are measured, in the order of the page. */
export const groups: readonly Group[] = [
  columns,
  types,
  constraints,
  indexes,
  tables,
  partitions,
  views,
  programs,
  dataTypes,
]
