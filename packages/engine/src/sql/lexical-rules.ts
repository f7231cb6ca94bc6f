/**
 * Whose rules apply. The flavors agree on `'…'` and `"…"`, in which a doubled quote does not end the text, on words and on
 * numbers. They differ in:
 *
 * - `[a b]`: a name in SQLite, a subscript in PostgreSQL. `neutral` reads it as a subscript after an operand.
 * - `` `a` ``: a name in SQLite and `neutral`, two operators in PostgreSQL.
 * - Comments: a block comment in another one nests in PostgreSQL only; CR ends a `--` comment in PostgreSQL only.
 * - `E'…'` with escapes, `B'…'`, `N'…'`, `$$…$$` and `$tag$…$tag$`: strings in PostgreSQL and `neutral`, not in SQLite.
 * - `X'…'`: a `blob` in SQLite, a string (of bits) in PostgreSQL and `neutral`.
 * - Variables: `?`, `?1`, `:a`, `@a`, `#a` and `$a` in SQLite; `$1` in PostgreSQL and `neutral`.
 * - Names without quotes: PostgreSQL stores them in lower case, SQLite as written.
 * - Operators: a fixed list in SQLite; in PostgreSQL and `neutral` the longest run of operator characters.
 *
 * `neutral` is for texts whose dialect is not known where they are read: values of a schema, and statements in code for
 * every dialect. Of two readings it chooses the one that the other database would refuse anyway. If both databases
 * accept a text (a comment in a comment), it chooses SQLite's reading.
 */
export type Flavor = 'sqlite' | 'postgres' | 'neutral'

export interface Rules {
  readonly brackets: 'name' | 'subscript' | 'either'
  readonly hasBackticks: boolean
  readonly nestsComments: boolean
  readonly lineEnd: RegExp
  /** Letters directly before a quote that belong to the string, in lower case, with the kind of token that they begin. */
  readonly prefixes: ReadonlyMap<string, 'string' | 'blob'>
  readonly hasDollarQuotes: boolean
  /** Letters of names without quotes count as lower case. */
  readonly foldsNames: boolean
  readonly variable: RegExp
  readonly operator: RegExp
}

const postgresPrefixes = new Map(['e', 'b', 'x', 'n'].map((letter) => [letter, 'string'] as const))

export const rulesOf: Readonly<Record<Flavor, Rules>> = {
  sqlite: {
    brackets: 'name',
    hasBackticks: true,
    nestsComments: false,
    lineEnd: /\n/g,
    prefixes: new Map([['x', 'blob']]),
    hasDollarQuotes: false,
    foldsNames: false,
    variable: /\?\d*|[@:#$][\w$\u0080-\uffff]*/y,
    operator: /->>|->|\|\||<<|>>|<=|>=|<>|==|!=/y,
  },
  postgres: {
    brackets: 'subscript',
    hasBackticks: false,
    nestsComments: true,
    lineEnd: /[\n\r]/g,
    prefixes: postgresPrefixes,
    hasDollarQuotes: true,
    foldsNames: true,
    variable: /\$\d+/y,
    operator: /::|:=|[-+*/<>=~!@#%^&|?`]+/y,
  },
  neutral: {
    brackets: 'either',
    hasBackticks: true,
    nestsComments: false,
    lineEnd: /\n/g,
    prefixes: postgresPrefixes,
    hasDollarQuotes: true,
    foldsNames: false,
    variable: /\$\d+/y,
    operator: /::|:=|[-+*/<>=~!@#%^&|?]+/y,
  },
}

export const dollarQuote = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y
export const number =
  /0[xX][\da-fA-F][\da-fA-F_]*|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*(?:\.(?:\d[\d_]*)?)?|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?/y

/** Words after which an operand follows, in expressions. */
export const operators = new Set(
  'and or not is in like ilike between case when then else escape glob match regexp from distinct'.split(' '),
)

/** Words of statements after which a name can follow. Some of them can be columns, but no one writes `index [1]`. */
export const beforeNames = new Set(
  (
    'add after all alter analyze as attach before by column constraint create delete drop exists into join key of on only ' +
    'order over pragma references reindex release rename replace returning savepoint select set table to trigger unique ' +
    'update using values view where with window index having limit union'
  ).split(' '),
)
