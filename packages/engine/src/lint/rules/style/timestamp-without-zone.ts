import { columnsOfKind, elementType } from '../../postgres/column-types'
import { defineRule } from '../../rule'

/** https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_timestamp_.28without_time_zone.29 */
export const timestampWithoutZone = defineRule({
  id: 'C6',
  name: 'timestamp-without-zone',
  category: 'style',
  severity: 'info',
  about: 'A timestamp without time zone ignores the offset of what is written into it. Use timestamptz.',
  postgres: {
    statement: (subject) =>
      columnsOfKind(
        subject,
        (type) => elementType(type).startsWith('timestamp without time zone'),
        (_, column) => ({
          message: `${column} ignores the offset of the times that are written into it`,
          help: 'Use timestamp with time zone: it keeps the moment, and shows it in the time zone of the session.',
        }),
      ),
  },
})
