import { printExpression, printQuery } from '../../../src/dialect/sqlite/expression'
import { parseView } from '../../../src/dialect/sqlite/parse-view'
import { relationsIn } from '../../../src/sql/sqlite/relations'
import { tokenize } from '../../../src/sql/sqlite/tokens'
import { Databases } from './support'

const databases = new Databases()
afterAll(() => databases.dispose())

const scope = { table: 't', columns: ['a', 'b', 'Key', 'match', 'c d', 'end', 'x"y'] }
const tables = [
  `CREATE TABLE t (a integer, b text, "Key" text, "match" text, "c d" real, "end" integer, "x""y" blob)`,
  `INSERT INTO t VALUES (1, 'b', 'k', 'm', 1.5, 7, x'0a'), (-2, 'It''s', NULL, 'M', -0.5, NULL, NULL), (NULL, '', '[x]', '--', 2, 0, x'')`,
  'CREATE TABLE u (a integer, name text)',
  `INSERT INTO u VALUES (1, 'one'), (2, 'two')`,
]

describe('printExpression', () => {
  test.each([
    ['((a))', '"a"'],
    ['(a)+(b)', '("a") + ("b")'],
    ['a-1', '"a" - 1'],
    ['a- -1', '"a" - -1'],
    ['- -a', '- -"a"'],
    ['-a-+1', '-"a" - +1'],
    ['a in(1,2 ,3)', '"a" IN (1, 2, 3)'],
    ['A not in (1)', '"a" NOT IN (1)'],
    ["b||'x  y'||b", `"b" || 'x  y' || "b"`],
    ["b like'%x' escape '\\'", `"b" LIKE '%x' ESCAPE '\\'`],
    ["key='k'", `"Key" = 'k'`],
    ["match = 'm' and b glob '*'", `"match" = 'm' AND "b" GLOB '*'`],
    ['case when a>0 then a else-1 end', 'CASE WHEN "a" > 0 THEN "a" ELSE -1 END'],
    ['case a when 1 then `end` end', 'CASE "a" WHEN 1 THEN "end" END'],
    ['cast(a as varying character (5))', 'CAST("a" AS varying character(5))'],
    ['b collate nocase = "b"', '"b" COLLATE NOCASE = "b"'],
    ['LENGTH([c d])*2', 'length("c d") * 2'],
    ['t.a+"T"."A"', '"a" + "a"'],
    ['a is not null and(a isnull or true)', '"a" IS NOT NULL AND ("a" ISNULL OR TRUE)'],
    ['a between 1 and 2 or not a', '"a" BETWEEN 1 AND 2 OR NOT "a"'],
    ['coalesce(null,a)/* c */ --d', 'coalesce(NULL, "a")'],
    ['"x""y"=X\'0A\'', `"x""y" = X'0A'`],
    ['a<<2|~a&0xFF', '"a" << 2 | ~"a" & 0xFF'],
    ['1.5e-3 < .5', '1.5e-3 < .5'],
    ["json_extract('{\"a\":1}','$.a')->>'$'", `json_extract('{"a":1}', '$.a') ->> '$'`],
    ['exists(select 1)', 'EXISTS(SELECT 1)'],
    ["replace(b,'x','y')<>current_date", `replace("b", 'x', 'y') <> CURRENT_DATE`],
    ['rowid>0', 'rowid > 0'],
  ])('normalizes %s without changing its value', async (written, printed) => {
    const print = (sql: string): string => printExpression(tokenize(sql), scope)
    expect(print(written)).toBe(printed)
    expect(print(printed)).toBe(printed)
    const dataSource = await databases.with(...tables)
    const [values, again] = [
      await dataSource.query(`SELECT ${written}\nAS v FROM t`),
      await dataSource.query(`SELECT ${printed} AS v FROM t`),
    ]
    expect(again).toEqual(values)
  })
})

describe('parseView and printQuery', () => {
  test.each([
    "select COUNT( * ), a+1, a || 'x', a b, (a) c, a collate nocase, a is null, case when a then 1 end d, 'text' \"e\", 5, -a, max(a) over (), t.a, t.* from t",
    'select distinct (select max( a ) from u), exists(select 1) from t where a=1 union select b , a+ 1 from t',
    'select a, b as Name from t order by a desc nulls last, b collate nocase limit 2 offset 0',
    'select t.a as "end", key from t left join u on t.a=u.a where u.name is not null or 1 group by t.a,key having count(*)>0',
    'with recursive n(i) as (select 1 union all select i+1 from n where i<3) select i as value from n natural join (select 1 as one)',
    'select a, row_number() over (partition by a order by b rows between unbounded preceding and current row) as r from t',
    'select count(*) filter (where a>0) as "all", group_concat(b, \', \') from t',
    'select * from t cross join u using (a) except select * from t join u using(a) where false',
    "select match, key as match from t where match = 'm'",
    'with x as materialized (select a as replace from t) select replace from x not indexed',
    "select case when a in (select a from u) then 'in' else 'out' end as \"in\" from t",
    "select x.value as plan from json_each('[1,2]') as x",
    'values (1,2),(3,4)',
    "select - -a as minus, cast(a as text) || '' as text from main.t as t",
    'select a as action from t union all select null order by 1 asc',
  ])('keep the rows and columns of the view: %s', async (written) => {
    const printed = parseView(`CREATE VIEW v AS ${written}`).definition
    expect(parseView(`CREATE VIEW v AS ${printed}`).definition).toBe(printed)
    const dataSource = await databases.with(
      ...tables,
      `CREATE VIEW one AS ${written}`,
      `CREATE VIEW other AS ${printed}`,
    )
    expect(await dataSource.query('SELECT * FROM other')).toEqual(await dataSource.query('SELECT * FROM one'))
    const names = async (view: string): Promise<unknown> =>
      dataSource.query(`SELECT name FROM pragma_table_info('${view}')`)
    expect(await names('other')).toEqual(await names('one'))
  })

  test('ignore the case of keywords and the space between words', () => {
    const print = (sql: string): string => printQuery(tokenize(sql))
    expect(print("SELECT a FROM t LEFT OUTER JOIN u ON t.a = u.a WHERE b LIKE 'x' ORDER BY a DESC")).toBe(
      print("select\n a from t left  outer join u on t.a=u.a where b like 'x' order\tby a desc"),
    )
  })
})

describe('relationsIn', () => {
  test.each([
    ['SELECT a, b FROM t', ['t']],
    ['SELECT t.x, u.y FROM t, u AS v, (w JOIN "x y") WHERE a IN (1, z)', ['t', 'u', 'w', 'x y']],
    ['SELECT * FROM t JOIN u ON t.a = u.a, v', ['t', 'u', 'v']],
    ['SELECT (SELECT max(a), b FROM u) FROM main.t', ['t', 'u']],
    ['SELECT 1 WHERE a IN t AND b IN (SELECT c FROM [U])', ['t', 'u']],
    ["SELECT 'FROM nowhere' -- FROM nowhere", []],
    ['WITH c AS (SELECT 1 FROM t) SELECT x, y FROM c UNION SELECT a, b FROM u ORDER BY p, q', ['c', 't', 'u']],
  ])('finds the relations in: %s', (sql, names) => {
    expect([...relationsIn(tokenize(sql))].sort()).toEqual([...names].sort())
  })
})
