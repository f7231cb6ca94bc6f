import type { Replaced } from '../revision/revision'
import { quote } from './quote'

/** `static replaces = { id: 'Name', … }`, over several lines. */
export function renderReplaces(start: string, replaces: readonly Replaced[]): readonly string[] {
  return [`${start} = {`, ...entries(replaces, '    '), '  }']
}

function entries(replaces: readonly Replaced[], indent: string): readonly string[] {
  return replaces.flatMap(({ id, name, replaces: inner }) =>
    inner === undefined
      ? [`${indent}${key(id)}: ${quote(name)},`]
      : [
          `${indent}${key(id)}: {`,
          `${indent}  name: ${quote(name)},`,
          `${indent}  replaces: {`,
          ...entries(inner, `${indent}    `),
          `${indent}  },`,
          `${indent}},`,
        ],
  )
}

function key(id: string): string {
  return /^[A-Za-z_]\w*$/.test(id) ? id : quote(id)
}

/**
 * The method that makes a squash safe for TypeORM's own runner, which ignores `replaces`: while the replaced files exist,
 * that runner has run them first, and the squash must do nothing. Aludel does not call it: the plan decides.
 */
export function renderIsReplaced(
  className: string,
  replaces: readonly Replaced[],
  typescript: boolean,
): readonly string[] {
  const nested = replaces.some((one) => one.replaces !== undefined)
  const type = (text: string): string => (typescript ? text : '')
  const options = type(' as { migrationsTableName?: string; schema?: string }')
  return [
    "  /** True where TypeORM's own runner has run what this replaces: then there is nothing to do. */",
    `  async isReplaced(queryRunner${type(': QueryRunner')})${type(': Promise<boolean>')} {`,
    '    const { driver, options } = queryRunner.connection',
    `    const { migrationsTableName = 'migrations', schema } = options${options}`,
    '    const table = driver.buildTableName(migrationsTableName, schema)',
    `    const query = queryRunner.manager.createQueryBuilder().select('m.name', 'name').from(table, 'm')`,
    `    const names = (await query.getRawMany${type('<{ name: string }>')}()).map(({ name }) => name)`,
    ...(nested
      ? [
          ...(typescript
            ? [
                '    type Replaced = string | { readonly name: string; readonly replaces: Readonly<Record<string, Replaced>> }',
              ]
            : []),
          `    const isDone = (one${type(': Replaced')})${type(': boolean')} =>`,
          "      typeof one === 'string'",
          '        ? names.includes(one)',
          '        : names.includes(one.name) || Object.values(one.replaces).every(isDone)',
          `    return Object.values${type('<Replaced>')}(${className}.replaces).every(isDone)`,
        ]
      : [`    return Object.values(${className}.replaces).every((name) => names.includes(name))`]),
    '  }',
  ]
}
