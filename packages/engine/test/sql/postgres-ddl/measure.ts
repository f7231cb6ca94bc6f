import { randomBytes } from 'node:crypto'

import { Client } from 'pg'

import { around } from '../../../src/dialect/postgres/trace'
import type { Measured } from '../../../src/dialect/roles/trace'
import { lockText } from '../../../src/sql/effects'

import { type Form, base, otherTablespace } from './form'
import { measureOutside } from './outside'

/** What a form did, as it is written to the data: sorted texts. */
export interface Result {
  readonly locks: readonly string[]
  readonly rewrites: readonly string[]
  readonly rebuilds: readonly string[]
  readonly scans: readonly string[]
}

/**
 * Executes forms on a database of its own and measures what each does.
 *
 * @param url of a superuser, on an empty database
 * @returns results by the title of the form, without those that need a later version of the server
 */
export async function measureForms(url: string, forms: readonly Form[]): Promise<ReadonlyMap<string, Result>> {
  const client = new Client(url)
  client.on('error', () => undefined)
  await client.connect()
  const tablespace = `aludel_forms_${randomBytes(4).toString('hex')}`
  try {
    const { rows } = await client.query<{ major: number }>(
      `SELECT current_setting('server_version_num')::integer / 10000 AS major`,
    )
    const major = rows[0]?.major ?? 0
    // Without a folder of its own, which the server would have to be able to write: it is inside that of the server.
    await client.query('SET allow_in_place_tablespaces = on')
    await client.query(`CREATE TABLESPACE ${tablespace} LOCATION ''`)
    const measurable = forms.flatMap((form) =>
      (form.since ?? 13) > major ? [] : [{ ...form, sql: form.sql.replace(otherTablespace, tablespace) }],
    )
    const results = new Map<string, Result>()
    for (const [setUp, ofSetUp] of bySetUp(measurable.filter(({ outside }) => outside !== true))) {
      await client.query(`CREATE SCHEMA forms; SET search_path = forms; ${setUp}`)
      for (const form of ofSetUp) results.set(form.title, await measureInside(client, form))
      await client.query('DROP SCHEMA forms CASCADE')
    }
    await client.query('RESET search_path')
    for (const form of measurable) {
      if (form.outside === true) results.set(form.title, await measureOutside(url, form, major))
    }
    return results
  } finally {
    await client.query(`DROP TABLESPACE IF EXISTS ${tablespace}`)
    await client.end()
  }
}

async function measureInside(client: Client, { title, sql, before }: Form): Promise<Result> {
  const database = { query: async (text: string): Promise<unknown> => (await client.query(text)).rows }
  await client.query('BEGIN')
  try {
    if (before !== undefined) await client.query(before)
    return resultOf(await around(database, () => client.query(sql)))
  } catch (cause) {
    throw new Error(`cannot measure: ${title}`, { cause })
  } finally {
    await client.query('ROLLBACK')
  }
}

function resultOf({ locks, rewrites, rebuilds, scans }: Measured): Result {
  return {
    locks: locks.map(lockText).sort(),
    rewrites: [...rewrites].sort(),
    rebuilds: [...rebuilds].sort(),
    scans: [...scans].sort(),
  }
}

/** Nothing that a form does remains, so forms with the same set-up share it. */
function bySetUp(forms: readonly Form[]): ReadonlyMap<string, readonly Form[]> {
  const found = new Map<string, Form[]>()
  for (const form of forms) {
    const setUp = form.setUp ?? base
    found.set(setUp, [...(found.get(setUp) ?? []), form])
  }
  return found
}
