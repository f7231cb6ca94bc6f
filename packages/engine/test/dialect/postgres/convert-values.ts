import type { DataSource } from 'typeorm'

import { render } from '../../../src/dialect/postgres/render'
import { compare } from '../../../src/difference/compare'
import { needsOf } from '../../../src/difference/needs'
import { reverseOperations } from '../../../src/operations'
import { type Column, findTable, type Schema } from '../../../src/schema/schema'
import { read, runScript } from './support'

/** What became of one value of a column whose type changed and changed back. */
export interface Conversion {
  /** The value as its type prints it: before, after, and after the downgrade; null for NULL and where it was refused. */
  readonly old: string | null
  readonly now: string | null
  readonly back: string | null
  /** The step at which it ended. `insert`: the old type does not accept the value. */
  readonly step: 'insert' | 'up' | 'down' | 'done'
  /** The SQLSTATE that refused it: 23514 for the check of the revision. */
  readonly code: string
}

/** Applies the statements to each value, in a subtransaction that is rolled back. `format` prints as the type does. */
const convertValues = `CREATE FUNCTION convert_values(type text, literals text[], up text[], down text[])
  RETURNS TABLE (old text, now text, back text, step text, code text) LANGUAGE plpgsql AS $function$
  DECLARE literal text; statement text; spelled text := 'SELECT CASE WHEN v IS NULL THEN NULL ELSE format(''%s'', v) END FROM a';
  BEGIN
    FOREACH literal IN ARRAY literals LOOP
      BEGIN
        old := NULL; now := NULL; back := NULL; step := 'insert';
        EXECUTE 'CREATE TEMP TABLE a (v ' || type || ')';
        EXECUTE 'INSERT INTO a VALUES (' || literal || ')';
        EXECUTE spelled INTO old;
        step := 'up';
        FOREACH statement IN ARRAY up LOOP EXECUTE statement; END LOOP;
        EXECUTE spelled INTO now;
        step := 'down';
        FOREACH statement IN ARRAY down LOOP EXECUTE statement; END LOOP;
        EXECUTE spelled INTO back;
        step := 'done';
        RAISE EXCEPTION USING ERRCODE = 'UNDO1', MESSAGE = 'undo';
      EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE;
      END;
      RETURN NEXT;
    END LOOP;
  END $function$;`

/** Columns of types, to convert values between them on one database. */
export class ValueConverter {
  private constructor(
    private readonly database: DataSource,
    readonly schema: Schema,
    /** One column for each type, in their order. */
    readonly columns: readonly Column[],
  ) {}

  /** @param types as SQL; `prepare` creates those of the project */
  static async open(database: DataSource, types: readonly string[], prepare: string): Promise<ValueConverter> {
    const columns = types.map((type, index) => `c${String(index)} ${type}`).join(', ')
    await runScript(database, `${prepare}\nCREATE TABLE a (${columns});`)
    await database.query(convertValues)
    const schema = await read(database)
    await runScript(database, 'DROP TABLE a')
    return new ValueConverter(database, schema, findTable(schema, { name: 'a' })?.columns ?? [])
  }

  /** Whether the change of type is asked about, and what becomes of each value. */
  async convert(
    from: Column,
    to: Column,
    literals: readonly string[],
    { downgrade = true } = {},
  ): Promise<{ readonly asked: boolean; readonly conversions: readonly Conversion[] }> {
    const [before, after] = [this.#with(from), this.#with(to)]
    const operations = compare(before, after)
    const [up, down] = [render(operations, before), render(reverseOperations(operations), after)]
    const sql = (statements: ReturnType<typeof render>): string[] => statements.map((statement) => statement.sql)
    const conversions = await this.database.query<Conversion[]>('SELECT * FROM convert_values($1, $2, $3, $4)', [
      from.type,
      literals,
      sql(up),
      downgrade ? sql(down) : [],
    ])
    return { asked: needsOf(operations, before).length > 0, conversions }
  }

  #with(column: Column): Schema {
    return {
      ...this.schema,
      tables: this.schema.tables.map((table) => ({ ...table, columns: [{ ...column, name: 'v' }] })),
    }
  }
}
