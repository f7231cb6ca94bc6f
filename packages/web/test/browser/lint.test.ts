import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import type { Page } from 'playwright-core'
import { EntitySchema } from 'typeorm'

import { dialectNames, postgresUrl } from '../../../../tools/testing/databases'
import type { ServerOptions } from '../../src'
import type { Client } from '../support/client'
import { idOf, waitFor } from '../support/project'
import { axeFindings, builtPage, describeInBrowser, expectAccessible, Suite, until } from './support'

jest.setTimeout(120_000)

/** The name of a table that would do something if it were taken for HTML. */
const hostile = `<img src=x onerror="document.title='taken over'">`
const quoted = `"${hostile.replaceAll('"', '""')}"`

describeInBrowser.each(dialectNames)('what lint finds, on the pages on %s', (dialect) => {
  const isPostgres = dialect === 'postgres'
  const suite = new Suite(dialect, (project) =>
    project.write(
      {
        id: 'aa',
        message: 'users',
        up: [
          'CREATE TABLE "users" ("id" integer PRIMARY KEY, "name" varchar(50))',
          `CREATE TABLE ${quoted} ("id" integer PRIMARY KEY, "name" varchar(50))`,
        ],
        undo: ['DROP TABLE "users"', `DROP TABLE ${quoted}`],
      },
      {
        id: 'bb',
        message: 'no names',
        down: 'aa',
        up: ['ALTER TABLE "users" DROP COLUMN "name"', 'SELECT 1'],
        undo: ['ALTER TABLE "users" ADD COLUMN "name" varchar(50)'],
      },
      {
        id: 'cc',
        message: 'find names',
        down: 'bb',
        up: [`CREATE INDEX "ix_names" ON ${quoted} ("name")`],
        undo: ['DROP INDEX "ix_names"'],
      },
    ),
  )
  let client: Client
  let page: Page

  const serve = async (options: Partial<ServerOptions> = {}): Promise<void> => {
    client = await suite.project.serve({
      page: builtPage,
      allowCreate: true,
      project: suite.project.options({ shadow: { postgres: postgresUrl() } }),
      ...options,
    })
  }
  const open = async (where: string): Promise<void> => {
    page = await suite.browser.open(client.url, client.token, where)
  }
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const finding = (rule: string) => page.locator('.finding', { has: page.getByText(rule, { exact: true }) })

  test('is in the steps of a plan, which can run anyway', async () => {
    await serve()
    await client.runToEnd({ direction: 'upgrade', target: 'aa' })
    await open('/plan')
    await page.getByText(/^Lint found /).waitFor()
    await page.getByText('This does not block the run.').waitFor()
    expect(await button('Upgrade …').getAttribute('aria-disabled')).toBeNull()
    // What loses something is open already.
    const dropped = finding('drop-column')
    await dropped.waitFor()
    expect(await dropped.textContent()).toContain('(users: about 0 rows')
    await button('Open all').click()
    if (isPostgres) {
      const index = finding('create-index')
      await index.waitFor()
      expect(await index.textContent()).toContain(hostile)
      await index.getByText('CREATE INDEX CONCURRENTLY').waitFor()
      await index.locator('.hljs-keyword').first().waitFor()
    }
    expect(await page.title()).not.toBe('taken over')
    await expectAccessible(page)
  })

  test('is nothing for a harmless plan, and a failure of lint does not hide the plan', async () => {
    await serve()
    await open(`/plan?target=${idOf('aa')}`)
    await page.getByText('Lint found nothing').waitFor()
    await client.runToEnd({ direction: 'upgrade', target: 'aa' })
    await page.route('**/api/v1/lint?**', (route) => route.abort())
    await page.goto(`${client.url}plan`)
    await page.getByText('Lint failed: the server does not answer').waitFor()
    await page.getByText('2 steps').first().waitFor()
    await page.unroute('**/api/v1/lint?**')
    // The page may have asked again by itself.
    const found = page.getByText(/^Lint found /).waitFor()
    await Promise.race([button('Lint again').click(), found])
    await found
  })

  test('is in the details of a revision', async () => {
    await serve()
    await open(`/history/${idOf('bb')}`)
    await finding('drop-column').getByText('Dropping').first().waitFor()
    expect(await finding('drop-column').textContent()).toContain('line')
    await page.goto(`${client.url}history/${idOf('aa')}`)
    await page.getByText('Nothing found', { exact: false }).waitFor()
    await page.goto(`${client.url}history/${idOf('cc')}`)
    if (isPostgres) await finding('create-index').first().waitFor()
    expect(await page.title()).not.toBe('taken over')
    await expectAccessible(page)
  })

  test('is folded away in the details of a revision where it is about an upgrade that has run', async () => {
    await serve()
    const { typedName: confirm } = (await client.get('/session')).json<{ typedName: string }>()
    await client.runToEnd({ direction: 'upgrade', target: 'bb', confirm, backup: 'never' })
    await open(`/history/${idOf('bb')}`)
    const past = page.getByText(/^\d+ findings? about its upgrade, which has run$/)
    await past.waitFor()
    expect(await finding('drop-column').isVisible()).toBe(false)
    await past.focus()
    await page.keyboard.press('Enter')
    await finding('drop-column').getByText('Dropping').first().waitFor()
    await expectAccessible(page)
    // Undoing it is still ahead, and loses nothing.
    await page.goto(`${client.url}plan?direction=downgrade&target=-1`)
    await page.getByText('Lint found nothing').waitFor()
  })

  test('is in the preview of a revision that create would write', async () => {
    const user = new EntitySchema({
      name: 'User',
      tableName: 'users',
      columns: { id: { type: 'integer', primary: true } } as never,
    })
    await serve({
      project: suite.project.options({
        dataSource: suite.project.dataSource({ entities: [user] }),
        shadow: { postgres: postgresUrl() },
      }),
    })
    const revisions = path.join(suite.project.folder, 'revisions')
    for (const file of readdirSync(revisions)) rmSync(path.join(revisions, file))
    // TypeORM's own name for the key, about which nobody is asked then.
    const key = 'CONSTRAINT "PK_a3ffb1c0c8416b9fc6f907b7433" PRIMARY KEY ("id")'
    suite.project.write({ id: 'aa', up: [`CREATE TABLE "users" ("id" integer NOT NULL, "name" varchar(50), ${key})`] })
    await open('/create')
    await page.getByLabel('What has changed').fill('no names')
    await button('Compare').click()
    await page.getByText('What lint finds in it').waitFor()
    await finding('drop-column').waitFor()
    await expectAccessible(page)
  })

  if (!isPostgres) {
    test('is joined by how long the whole database would be blocked, when that is asked for', async () => {
      await serve()
      await client.runToEnd({ direction: 'upgrade', target: 'aa' })
      await open('/plan')
      await button('Measure').click()
      await page
        .getByText(/^blocks reads and writes of the whole database for less than 0.1 s/)
        .first()
        .waitFor()
      await expectAccessible(page)
    })
    return
  }

  test('is joined by what was measured on a scratch database, when that is asked for', async () => {
    await serve()
    await client.runToEnd({ direction: 'upgrade', target: 'aa' })
    await open('/plan')
    await page.getByText(/on a scratch database with sample rows/).waitFor()
    await button('Measure').focus()
    await page.keyboard.press('Enter')
    await page.getByText(/^Measured on a scratch database with sample rows/).waitFor()
    const measured = page.locator('.measured')
    await measured.getByText('locks ACCESS EXCLUSIVE users').waitFor()
    await measured.getByText('1 other statement touches nothing that existed before.').waitFor()
    // The step of the index was closed, and opens with what was measured.
    await measured.getByText(`locks SHARE ${hostile}`).waitFor()
    await measured.getByText(`reads all of ${hostile}`).waitFor()
    await measured.getByText(`blocks writes to ${hostile} for less than 0.1 s`).waitFor()
    expect(await page.title()).not.toBe('taken over')
    await expectAccessible(page)
    // The database was only looked at.
    expect((await client.get('/status')).json()).toMatchObject({ current: [idOf('aa')] })
    // Another plan was not measured.
    await page.getByRole('radio', { name: 'Downgrade' }).click()
    await page.getByText('See what each statement locks').waitFor()
    expect(await measured.count()).toBe(0)
  })

  test('is joined by a step that fails while it is measured, and by those after it that were not', async () => {
    suite.project.write({ id: 'dd', message: 'fails', down: 'cc', up: ['SELECT * FROM "nowhere"'] })
    suite.project.write({ id: 'ee', message: 'after it', down: 'dd', up: ['SELECT 1'] })
    await serve()
    await open('/plan')
    await button('Measure').click()
    await page.getByText('It failed on the scratch database').waitFor()
    await page.getByText('relation "nowhere" does not exist').waitFor()
    await button('Open all').click()
    await page.getByText('Not measured: it, or a revision below it, failed').waitFor()
    await expectAccessible(page)
  })

  test('is not joined by anything after measuring was stopped', async () => {
    suite.project.write({ id: 'dd', message: 'slow', down: 'cc', up: ['SELECT 1'], code: waitFor(suite.gate) })
    await serve()
    await open('/plan')
    await button('Measure').click()
    await page.getByText(/^Measuring: /).waitFor()
    expect(await axeFindings(page)).toEqual([])
    await button('Stop').click()
    await page.getByText('See what each statement locks').waitFor()
    // The button that was pressed is gone; the focus is on the one beside it.
    await until(page, "document.activeElement?.textContent === 'Measure'")
    writeFileSync(suite.gate, '')
    expect(await page.locator('.measured').count()).toBe(0)
  })

  test('is all that a server shows which may not run revisions, and the page says why', async () => {
    await serve({ allowCreate: false })
    await open('/plan')
    await page.getByText('Measuring runs revisions: start the server with --allow-create.').waitFor()
    expect(await button('Measure').getAttribute('aria-disabled')).toBe('true')
    let asked = 0
    page.on('request', (request) => (asked += request.url().includes('trace=true') ? 1 : 0))
    await button('Measure').click({ force: true })
    await page.getByText(/^Lint found /).waitFor()
    expect(asked).toBe(0)
    await expectAccessible(page)
    await serve({ readOnly: true })
    await open('/plan')
    await page.getByText('Measuring runs revisions: this server was started with --read-only.').waitFor()
  })
})
