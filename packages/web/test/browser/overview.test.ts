import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import type { Page } from 'playwright-core'

import { dialectNames } from '../../../../tools/testing/databases'
import { writePgPrograms } from '../../../../tools/testing/pg-programs'
import { hasPgTools } from '../../../../tools/testing/pg-tools'
import type { Run, ServerOptions } from '../../src'
import type { Client } from '../support/client'
import { idOf, waitFor } from '../support/project'
import { axeFindings, builtPage, describeInBrowser, expectAccessible, hold, Suite, until } from './support'

jest.setTimeout(120_000)

describeInBrowser.each(dialectNames)('the overview on %s', (dialect) => {
  /** SQLite replays in memory; on PostgreSQL a scratch database would be made on the server of the database. */
  const isFree = dialect === 'sqlite'
  const suite = new Suite(dialect, (project) =>
    project.write(
      {
        id: 'aa',
        message: 'users',
        up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY, "name" varchar(50))'],
        undo: ['DROP TABLE "users"'],
      },
      {
        id: 'bb',
        message: 'no names',
        down: 'aa',
        up: ['ALTER TABLE "users" DROP COLUMN "name"'],
        undo: ['ALTER TABLE "users" ADD COLUMN "name" varchar(50)'],
      },
    ),
  )
  let client: Client
  let page: Page

  const serve = async (options: Partial<ServerOptions> = {}): Promise<void> => {
    const { project } = suite
    let tools: string | undefined
    if (!isFree && !hasPgTools) {
      tools = path.join(project.folder, 'programs')
      mkdirSync(tools, { recursive: true })
      await writePgPrograms(tools)
    }
    client = await project.serve({
      page: builtPage,
      project: project.options({ cacheDirectory: path.join(project.folder, 'cache'), backups: { tools } }),
      ...options,
    })
  }
  const open = async (): Promise<Page> => suite.browser.open(client.url, client.token)
  const byHand = async (sql: string): Promise<void> => {
    const dataSource = await suite.project.dataSource().initialize()
    await dataSource.query(sql)
    await dataSource.destroy()
  }
  /** Has a page look at the database now, as it does when somebody comes back to its tab. */
  const look = (tab: Page) =>
    tab.evaluate(`for (const state of ['hidden', 'visible']) {
      Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
    }`)
  const card = (tab: Page = page) => tab.getByRole('region', { name: 'Database' })

  test('tells drift without being asked where that makes nothing on the server, and says why elsewhere', async () => {
    await serve()
    page = await open()
    await card().getByText('No revision is applied').waitFor()
    await client.runToEnd({ direction: 'upgrade', target: 'aa' })
    await look(page)
    if (!isFree) {
      await card().getByText('It would replay 1 revision in a scratch database on this server.').waitFor()
      await expectAccessible(page)
      const other = await open()
      const check = card().getByRole('button', { name: 'Check now' })
      await check.focus()
      await page.keyboard.press('Enter')
      await card().getByText('As its revisions made it').waitFor()
      // Who has not asked sees it as well.
      await look(other)
      await card(other).getByText('As its revisions made it').waitFor()
    }
    await card().getByText('As its revisions made it').waitFor()
    await card().getByText('Checked just now').waitFor()
    await expectAccessible(page)
  })

  test('never shows the drift of before a change, whoever has made it', async () => {
    await serve()
    await client.runToEnd({ direction: 'upgrade', target: 'aa' })
    await client.post('/drift')
    page = await open()
    await card().getByText('As its revisions made it').waitFor()
    await byHand('CREATE INDEX "by_hand" ON "users" ("name")')
    await look(page)
    await card().getByText('The database has index by_hand on users (name), which no revision creates').waitFor()
    expect(await card().getByText('As its revisions made it').count()).toBe(0)
    await expectAccessible(page)
    await byHand('DROP INDEX "by_hand"')
    await look(page)
    await card().getByText('As its revisions made it').waitFor()
    await byHand(`DELETE FROM "migrations"`)
    await look(page)
    await card().getByText('No revision is applied').waitFor()
  })

  test('asks for drift and lint when the plan is there', async () => {
    await serve()
    await client.runToEnd({ direction: 'upgrade', target: 'aa' })
    page = await (await suite.browser.visitor()).newPage()
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname.replace('/api/v1', '')))
    const release = await hold(page, '**/api/v1/plan?**')
    const sent = page.waitForRequest('**/api/v1/plan?**')
    await page.goto(`${client.url}#token=${client.token}`)
    await sent
    await card().getByText('Comparing with the revisions').waitFor()
    expect(asked).not.toContain('/drift')
    expect(asked).not.toContain('/lint')
    await release()
    await card()
      .getByText(isFree ? 'As its revisions made it' : 'It would replay 1 revision')
      .waitFor()
    await page.getByText(/^Lint found /).waitFor()
  })

  test('shows many differences in a few lines, and the rest on the page of the schema', async () => {
    await serve()
    await client.runToEnd({ direction: 'upgrade', target: 'aa' })
    await client.post('/drift')
    for (let number = 1; number <= 8; number += 1)
      await byHand(`CREATE TABLE "theirs_${String(number)}" ("id" integer)`)
    page = await open()
    await card().getByRole('link', { name: '3 more differences' }).click()
    await page.getByRole('heading', { name: 'Schema', level: 1 }).waitFor()
  })

  test('shows why drift cannot be checked, and checks again', async () => {
    await serve({ readOnly: true })
    const writes = await suite.project.serve()
    await writes.runToEnd({ direction: 'upgrade', target: 'aa' })
    page = await open()
    await card()
      .getByText(
        isFree ? 'It would execute 1 revision in a scratch database.' : 'in a scratch database on this server.',
      )
      .waitFor()
    await page.route('**/api/v1/drift', (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({ status: 500, json: { error: { code: 'ALUDEL_SHADOW', message: 'no shadow database' } } })
        : route.continue(),
    )
    await card().getByRole('button', { name: 'Check now' }).click()
    await card().getByText('No shadow database').waitFor()
    await expectAccessible(page)
    await page.unroute('**/api/v1/drift')
    await card().getByRole('button', { name: 'Check again' }).click()
    await card().getByText('As its revisions made it').waitFor()
  })

  test('stops checking drift when it is told to, and checks again', async () => {
    suite.project.write({ id: 'cc', message: 'slow', down: 'bb', up: [], code: waitFor(suite.gate) })
    await serve({ readOnly: true })
    const writes = await suite.project.serve()
    await writes.runToEnd({ direction: 'upgrade', target: 'aa' })
    page = await open()
    await card().getByRole('button', { name: 'Check now' }).click()
    await card().getByRole('button', { name: 'Checking' }).waitFor()
    expect(await axeFindings(page)).toEqual([])
    await card().getByRole('button', { name: 'Stop' }).press('Enter')
    // The button that was pressed is gone; the focus is on the one beside it.
    await until(page, "document.activeElement?.textContent === 'Check now'")
    expect(await card().getByRole('button', { name: 'Stop' }).count()).toBe(0)
    writeFileSync(suite.gate, '')
    await card().getByRole('button', { name: 'Check now' }).press('Enter')
    await card().getByText('As its revisions made it').waitFor()
  })

  test('shows what lint finds in the next upgrade, and in which steps', async () => {
    await serve()
    await client.runToEnd({ direction: 'upgrade', target: 'aa' })
    page = await open()
    const upgrade = page.getByRole('region', { name: 'What an upgrade would do' })
    await upgrade.getByText(/^Lint found /).waitFor()
    const step = upgrade.getByRole('listitem').filter({ has: page.getByRole('link', { name: 'no names' }) })
    await step
      .getByText(/^\d+ (?:error|warning)s?$/)
      .first()
      .waitFor()
    await upgrade.getByRole('link', { name: /^\d+ (?:error|warning)/ }).press('Enter')
    await page.getByText(/^Lint found /).waitFor()
    expect(new URL(page.url()).pathname).toBe('/plan')
  })

  test('shows that lint has failed, and lints no long plan', async () => {
    await serve()
    await client.runToEnd({ direction: 'upgrade', target: 'aa' })
    let asked = 0
    const context = await suite.browser.visitor()
    page = await context.newPage()
    await page.route('**/api/v1/lint?**', (route) => {
      asked += 1
      return route.fulfill({ status: 500, json: { error: { code: 'ALUDEL_INTERNAL', message: 'no rule' } } })
    })
    await page.goto(`${client.url}#token=${client.token}`)
    await page.getByText('Lint failed: no rule').waitFor()
    suite.project.write(
      ...Array.from({ length: 500 }, (_, index) => ({
        id: `c${String(index).padStart(4, '0')}`,
        down: index === 0 ? 'bb' : `c${String(index - 1).padStart(4, '0')}`,
        up: [],
      })),
    )
    const before = asked
    await page.reload()
    await page.getByRole('link', { name: 'Lint 501 revisions' }).waitFor()
    expect(asked).toBe(before)
  })

  test('shows the last backup of this database, and leads to it', async () => {
    await serve()
    await client.runToEnd({ direction: 'upgrade', target: 'aa' })
    page = await open()
    await card().getByRole('link', { name: 'none yet' }).waitFor()
    const { id } = (await client.post('/backups')).json<Run>()
    expect(await client.end(id)).toMatchObject({ state: 'done' })
    await look(page)
    await card().getByText('Verified, by hand').waitFor()
    await card().getByRole('link', { name: 'just now' }).click()
    await page.getByRole('heading', { name: 'Backups', level: 1 }).waitFor()
    await page.locator('.backup--marked').waitFor()
    expect(await page.locator('.backup--marked').textContent()).toContain(idOf('aa').slice(0, 8))
  })
})
