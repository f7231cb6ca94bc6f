import type { Queryable } from '../queryable'
import type { DatabaseSettings } from './backup-catalog'
import { text } from './literal'
import { quote } from './names'

/** Versions of the server, as `server_version_num`, from which CREATE DATABASE knows a locale provider, ICU rules, and `builtin`. */
const withProvider = 150000
const withRules = 160000
const withBuiltin = 170000

/** Parameters whose value is a list of names, each of them a literal of its own: `GUC_LIST_QUOTE` in the server's sources. */
const nameLists = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
])

/** Creates the database into which a backup is restored. */
export function createDatabase(
  name: string,
  settings: Partial<DatabaseSettings>,
  server: { readonly version: number; readonly hasTablespace: boolean; readonly withOwner: boolean },
): string {
  const { version, hasTablespace, withOwner } = server
  const provider = { c: 'libc', i: 'icu', b: 'builtin' }[settings.localeProvider ?? '']
  const localeName = { icu: 'ICU_LOCALE', builtin: 'BUILTIN_LOCALE' }[provider ?? '']
  const knowsProvider = version >= (provider === 'builtin' ? withBuiltin : withProvider)
  const options: (readonly [name: string, value: string | undefined])[] = [
    ['OWNER', withOwner ? maybe(settings.owner, quote) : undefined],
    ['ENCODING', maybe(settings.encoding, text)],
    ['LC_COLLATE', maybe(settings.collate, text)],
    ['LC_CTYPE', maybe(settings.ctype, text)],
    ['LOCALE_PROVIDER', knowsProvider ? provider : undefined],
    [localeName ?? '', knowsProvider && localeName !== undefined ? maybe(settings.locale, text) : undefined],
    ['ICU_RULES', version >= withRules && provider === 'icu' ? maybe(settings.icuRules, text) : undefined],
    // The default one needs no right of its own, unless it is named.
    [
      'TABLESPACE',
      hasTablespace && settings.tablespace !== 'pg_default' ? maybe(settings.tablespace, quote) : undefined,
    ],
  ]
  const given = options.flatMap(([option, value]) => (value === undefined ? [] : [`${option} ${value}`]))
  return ['CREATE DATABASE', quote(name), 'TEMPLATE template0', ...given].join(' ')
}

function maybe(value: string | undefined, render: (value: string) => string): string | undefined {
  return value === undefined || value === '' ? undefined : render(value)
}

/** The roles that the settings of a database name. */
export function rolesOfSettings({ owner, acl = [], configuration = [] }: Partial<DatabaseSettings>): readonly string[] {
  const granted = acl.flatMap((entry) => {
    const [, grantee = '', grantor = ''] = /^("(?:[^"]|"")*"|[^=]*)=[^/]*\/(.*)$/s.exec(entry) ?? []
    return [grantee, grantor]
  })
  return [
    ...(owner === undefined ? [] : [owner]),
    ...granted.map((role) => (role.startsWith('"') ? role.slice(1, -1).replaceAll('""', '"') : role)),
    ...configuration.flatMap(({ role }) => (role === null ? [] : [role])),
  ].filter((role) => role !== '')
}

/**
 * The statements that give a database its settings: rights, parameters, comment, connection limit. Its owner is already set.
 *
 * @param withOwners without it, what concerns other roles is left out
 */
export async function settingStatements(
  server: Queryable,
  name: string,
  settings: Partial<DatabaseSettings>,
  withOwners: boolean,
): Promise<readonly string[]> {
  const database = quote(name)
  const { comment, connectionLimit = -1, configuration = [], acl } = settings
  const parameters = configuration
    .filter(({ role }) => role === null || withOwners)
    .flatMap(({ role, settings: entries }) =>
      entries.map((entry) => {
        const [, parameter = '', value = ''] = /^([^=]*)=(.*)$/s.exec(entry) ?? []
        const subject = role === null ? `DATABASE ${database}` : `ROLE ${quote(role)} IN DATABASE ${database}`
        return `ALTER ${subject} SET ${parameterName(parameter)} TO ${parameterValue(parameter, value)}`
      }),
    )
  return [
    ...(acl === undefined || !withOwners ? [] : await grants(server, database, acl)),
    ...parameters,
    ...(comment === undefined ? [] : [`COMMENT ON DATABASE ${database} IS ${text(comment)}`]),
    ...(connectionLimit === -1
      ? []
      : [`ALTER DATABASE ${database} CONNECTION LIMIT ${String(Math.trunc(connectionLimit))}`]),
  ]
}

/** All rights are revoked first: PUBLIC has some on a new database. */
async function grants(server: Queryable, database: string, acl: readonly string[]): Promise<readonly string[]> {
  const rights = (await server.query(
    `SELECT CASE WHEN a.grantee = 0 THEN NULL ELSE pg_get_userbyid(a.grantee)::text END AS role, a.privilege_type AS right,
       a.is_grantable AS grantable
     FROM aclexplode($1::aclitem[]) a`,
    [acl],
  )) as { role: string | null; right: string; grantable: boolean }[]
  const roles = new Set(rights.map(({ role }) => (role === null ? 'PUBLIC' : quote(role))))
  return [
    ...[...new Set(['PUBLIC', ...roles])].map((role) => `REVOKE ALL ON DATABASE ${database} FROM ${role}`),
    ...rights.map(
      ({ role, right, grantable }) =>
        `GRANT ${right} ON DATABASE ${database} TO ${role === null ? 'PUBLIC' : quote(role)}${grantable ? ' WITH GRANT OPTION' : ''}`,
    ),
  ]
}

/** A parameter of an extension has two parts: `myapp.tenant`. */
function parameterName(parameter: string): string {
  return parameter.split('.').map(quote).join('.')
}

function parameterValue(parameter: string, value: string): string {
  if (!nameLists.has(parameter.toLowerCase())) return text(value)
  const names = [...value.matchAll(/"((?:[^"]|"")*)"|[^\s,"]+/g)].map(
    ([whole, quoted]) => quoted?.replaceAll('""', '"') ?? whole,
  )
  return names.length === 0 ? text('') : names.map(text).join(', ')
}
