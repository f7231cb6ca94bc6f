import { keptName, leftoverKind, restoringName } from '../../../src/dialect/postgres/restore-names'
import { rolesIn } from '../../../src/dialect/postgres/restore-roles'
import { createDatabase, rolesOfSettings } from '../../../src/dialect/postgres/restore-settings'

const id = '20261130T041500Z-9f3c'

describe('names of databases that a restore makes', () => {
  test.each(['app', 'Ä "pp"', 'a'.repeat(63), 'ü'.repeat(31), `${'a'.repeat(40)}_2`])(
    'are found again for %s',
    (database) => {
      const names = [restoringName(database, id), keptName(database, id, new Set())]
      expect(names.map((name) => Buffer.byteLength(name)).every((bytes) => bytes <= 63)).toBe(true)
      expect(names.map((name) => leftoverKind(name, database))).toEqual(['unfinished', 'replaced'])
      const again = keptName(database, id, new Set(names))
      expect(again).toBe(`${String(names[1])}-2`)
      expect(leftoverKind(again, database)).toBe('replaced')
    },
  )

  test('contain the whole name where there is room', () => {
    expect(restoringName('app', id)).toBe(`app_aludel_restore_${id}`)
    expect(keptName('app', id, new Set())).toBe(`app_before_restore_${id}`)
  })

  test('are not taken for those of another database', () => {
    const [one, other] = [`${'a'.repeat(40)}_1`, `${'a'.repeat(40)}_2`]
    expect(leftoverKind(restoringName(one, id), other)).toBeUndefined()
    expect(leftoverKind(`app_before_restore_${id}`, 'ap')).toBeUndefined()
    expect(leftoverKind('app_before_restore_mine', 'app')).toBeUndefined()
    expect(leftoverKind('app', 'app')).toBeUndefined()
  })
})

describe('rolesIn', () => {
  test.each([
    ['ALTER TABLE public.t OWNER TO app;', ['app']],
    ['ALTER TABLE public."owner to x" OWNER TO "The ""App""";', ['The "App"']],
    ['GRANT SELECT(a,b),UPDATE(a) ON TABLE public.t TO web WITH GRANT OPTION;', ['web']],
    ['GRANT ALL ON FUNCTION public.f("to" integer) TO PUBLIC, one, "Two";', ['Two', 'one']],
    ['REVOKE ALL ON SCHEMA public FROM old;', ['old']],
    ['ALTER DEFAULT PRIVILEGES FOR ROLE a IN SCHEMA public GRANT SELECT ON TABLES TO b;', ['a', 'b']],
    ['ALTER DEFAULT PRIVILEGES FOR ROLE a REVOKE ALL ON FUNCTIONS FROM PUBLIC;', ['a']],
    [`CREATE POLICY p ON public.t FOR SELECT TO r1, r2 USING (("to" = CURRENT_USER));`, ['r1', 'r2']],
    ['CREATE POLICY p ON public.t USING ((a IN ( SELECT 1)));', []],
    ["CREATE USER MAPPING FOR someone SERVER s OPTIONS (password 'x');", ['someone']],
    [`SET SESSION AUTHORIZATION 'granter';`, ['granter']],
    ['SET SESSION AUTHORIZATION DEFAULT;', []],
    [`CREATE FUNCTION public.f() RETURNS void LANGUAGE sql AS $$ GRANT SELECT ON t TO nobody; $$;`, []],
    [`COMMENT ON TABLE public.t IS 'x; GRANT SELECT ON t TO nobody;';`, []],
    [`\\restrict abc'\nALTER TABLE public.t OWNER TO app;\n\\unrestrict abc'`, ['app']],
  ])('finds in %s', (script, roles) => {
    expect(rolesIn(script)).toEqual(roles)
  })
})

test('rolesOfSettings names owners, grantees, grantors and those with settings of their own', () => {
  expect(
    rolesOfSettings({
      owner: 'app',
      acl: ['=Tc/app', 'app=CTc/app', '"a=b/c"=c/"Gran""tor"'],
      configuration: [
        { role: null, settings: ['search_path=app'] },
        { role: 'reports', settings: ['statement_timeout=0'] },
      ],
    }),
  ).toEqual(['app', 'app', 'app', 'app', 'a=b/c', 'Gran"tor', 'reports'])
})

describe('createDatabase', () => {
  const settings = {
    owner: 'Own"er',
    encoding: 'UTF8',
    collate: "it's",
    ctype: 'C',
    localeProvider: 'i',
    locale: 'de-DE',
    icuRules: '&a < b',
    tablespace: 'fast',
  }
  const all = { hasTablespace: true, withOwner: true }

  test.each([
    [13, `LC_CTYPE 'C' TABLESPACE`],
    [15, `LC_CTYPE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'de-DE' TABLESPACE`],
    [16, `LC_CTYPE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'de-DE' ICU_RULES '&a < b' TABLESPACE`],
  ])('uses what PostgreSQL %i knows', (major, part) => {
    expect(createDatabase('a"b', settings, { ...all, version: major * 10000 })).toBe(
      `CREATE DATABASE "a""b" TEMPLATE template0 OWNER "Own""er" ENCODING 'UTF8' LC_COLLATE 'it''s' ${part} "fast"`,
    )
  })

  test('leaves out what is not known here', () => {
    const builtin = { ...settings, localeProvider: 'b', locale: 'C.UTF-8' }
    expect(createDatabase('a', builtin, { version: 160000, hasTablespace: false, withOwner: false })).toBe(
      `CREATE DATABASE "a" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'it''s' LC_CTYPE 'C'`,
    )
    expect(createDatabase('a', builtin, { version: 170000, hasTablespace: false, withOwner: false })).toContain(
      `LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'`,
    )
    expect(createDatabase('a', {}, { ...all, version: 180000 })).toBe('CREATE DATABASE "a" TEMPLATE template0')
  })
})
