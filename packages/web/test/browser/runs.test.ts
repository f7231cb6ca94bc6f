import { writeFileSync } from 'node:fs'

import { Migrator } from '@aludel/engine'
import type { Page } from 'playwright-core'

import { dialectNames } from '../../../../tools/testing/databases'
import type { WebServer } from '../../src'
import type { Client } from '../support/client'
import { idOf, waitFor, type WrittenRevision } from '../support/project'
import { axeFindings, builtPage, describeInBrowser, dialogIsReady, Suite, until } from './support'

describeInBrowser.each(dialectNames)('a run from the page on %s', (dialect) => {
  const suite = new Suite(dialect, (project) =>
    project.write(
      {
        id: 'aa',
        message: 'users',
        up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY, "name" text)'],
        undo: ['DROP TABLE "users"'],
      },
      {
        id: 'bb',
        message: 'posts',
        down: 'aa',
        up: ['CREATE TABLE "posts" ("id" integer PRIMARY KEY)'],
        undo: ['DROP TABLE "posts"'],
      },
    ),
  )
  let client: Client
  let server: WebServer
  let page: Page

  beforeEach(async () => {
    const started = await suite.project.start({ page: builtPage })
    server = started.server
    client = started.client
    await client.logIn()
    page = await suite.browser.open(client.url, client.token)
  })

  const slow: WrittenRevision = { id: 'cc', message: 'slow', down: 'bb', up: ['SELECT 1'] }
  /** Writes a revision that goes on when the gate is open. */
  const writeSlow = () => suite.project.write({ ...slow, code: waitFor(suite.gate) })
  const openGate = () => writeFileSync(suite.gate, '')
  const heading = (name: string, where = page) => where.getByRole('heading', { name, level: 1 }).waitFor()
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const reviewUpgrade = () => page.getByRole('link', { name: 'Review upgrade' }).click()

  /** Starts the upgrade that is shown; nobody knows what a revision with code of its own loses, so the name is asked for. */
  const upgradeWithCode = async () => {
    await button('Upgrade …').click()
    const dialog = page.getByRole('dialog')
    const wanted = (await dialog.getByText('to confirm').locator('strong').textContent()) ?? ''
    await dialogIsReady(page)
    await page.keyboard.type(wanted)
    await page.keyboard.press('Enter')
    await page.getByText('2 of 3 steps').waitFor()
  }

  test('leads from the overview over the plan to its end, and what it changed is shown everywhere', async () => {
    await heading('2 revisions pending')
    await page.getByText('Loses nothing').waitFor()
    await reviewUpgrade()
    await button('Open all').click()
    await page.getByText('CREATE TABLE "users"').first().waitFor()
    await button('Upgrade').click()
    await page.getByText('Applied: 2 revisions').waitFor()
    expect(page.url()).toContain('/runs/')
    await page.getByText('2 of 2 steps').waitFor()
    await page.getByRole('link', { name: 'Overview' }).last().click()
    await heading('Up to date')
    await page.getByText('Nothing to upgrade').waitFor()
    await page.getByRole('link', { name: 'posts' }).first().waitFor()
  })

  test('loses something only after the name of the database was typed', async () => {
    await client.runToEnd({ direction: 'upgrade', target: 'head' })
    await page.goto(`${client.url}plan?direction=downgrade&target=-1`)
    await page.getByText('Loses all rows of posts').waitFor()
    await button('Downgrade …').click()
    const dialog = page.getByRole('dialog')
    const confirm = dialog.getByRole('button', { name: 'Downgrade' })
    expect(await confirm.getAttribute('aria-disabled')).toBe('true')
    await dialogIsReady(page)
    await page.keyboard.type('another')
    await page.keyboard.press('Enter')
    expect(await dialog.isVisible()).toBe(true)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    // The focus is where it was.
    await until(page, "document.activeElement?.textContent.startsWith('Downgrade …')")
    await button('Downgrade …').press('Enter')
    const name = (await dialog.getByText('to confirm').locator('strong').textContent()) ?? ''
    // Closed and opened in one moment: the browser reports the end of the first one after the second is open.
    await page.evaluate(`(async () => {
      document.querySelector('dialog [aria-label=Close]').click()
      while (document.querySelector('dialog') !== null) await null
      document.querySelector('.run-bar__line button').click()
    })()`)
    await dialogIsReady(page)
    await page.keyboard.type(name)
    await page.keyboard.press('Enter')
    await page.getByText('Undone: 1 revision').waitFor()
  })

  test('goes on without its page, and is found again by every tab', async () => {
    writeSlow()
    await page.reload()
    await heading('3 revisions pending')
    await reviewUpgrade()
    await upgradeWithCode()
    const run = page.url()
    const other = await page.context().newPage()
    await other.goto(client.url)
    await other.getByText('Upgrade to head').waitFor()
    // Nothing else is started meanwhile.
    await other.goto(`${client.url}plan`)
    await other.getByText('Another run is at work').waitFor()
    await page.close()
    await other.goto(client.url)
    await other.getByRole('link', { name: /Upgrade to head.*Follow/ }).click()
    await other.getByText('2 of 3 steps').waitFor()
    expect(other.url()).toBe(run)
    openGate()
    await other.getByText('Applied: 3 revisions').waitFor()
  })

  test('is followed over a lost connection, without an event twice or lost', async () => {
    writeSlow()
    await page.goto(`${client.url}plan`)
    await upgradeWithCode()
    await page.route('**/api/**', (route) => route.abort())
    // What is open already is cut off by the server; what is opened then does not arrive.
    server.app.server.closeAllConnections()
    await page.getByText('Reconnecting: a lost connection does not stop a run').waitFor()
    await page.unroute('**/api/**')
    await page.getByText('Reconnecting: a lost connection does not stop a run').waitFor({ state: 'detached' })
    openGate()
    await page.getByText('Applied: 3 revisions').waitFor()
    await page.getByText('Log').click()
    const done = page.locator('.run-log__line--done')
    await done.nth(2).waitFor()
    expect(await done.count()).toBe(3)
  })

  test('is canceled, and what has run before stays', async () => {
    writeSlow()
    await page.goto(`${client.url}plan`)
    await upgradeWithCode()
    // The revision must not end before the server knows.
    const told = page.waitForResponse((response) => response.url().endsWith('/cancel'))
    await button('Cancel').click()
    expect((await told).ok()).toBe(true)
    openGate()
    await page.getByText('Canceled', { exact: true }).waitFor()
    await page.getByText('2 of 3 steps had run, and stay').waitFor()
    expect((await client.get('/status')).json<{ pending: number }>().pending).toBe(1)
  })

  test('that fails shows the words of the database, and what to do', async () => {
    suite.project.write({ id: 'cc', message: 'wrong', down: 'bb', up: ['INSERT INTO "missing" VALUES (1)'] })
    await page.goto(`${client.url}plan`)
    await button('Upgrade').click()
    const alert = page.getByRole('alert')
    await alert.waitFor()
    expect(await alert.textContent()).toMatch(/no such table: missing|relation "missing" does not exist/)
    await alert.getByText('2 of 3 steps had run before, and stay.').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await alert.getByRole('link', { name: 'Look at the revision' }).click()
    await page.getByRole('heading', { name: 'Wrong' }).waitFor()
    await page.getByText(/no such table: missing|relation "missing" does not exist/).waitFor()
  })

  test('that stopped half-way is resumed after its finished statements', async () => {
    const statements = ['CREATE TABLE "late" ("id" integer PRIMARY KEY)', 'INSERT INTO "later" VALUES (1)']
    suite.project.write({ id: 'cc', message: 'two parts', down: 'bb', up: statements, transaction: false })
    await page.goto(`${client.url}plan`)
    await button('Upgrade').click()
    await page.getByRole('alert').waitFor()
    await page.getByRole('link', { name: 'Overview' }).last().click()
    await heading('A run stopped half-way')
    expect(await axeFindings(page)).toEqual([])
    await client.get('/status')
    const dataSource = await suite.project.dataSource().initialize()
    await dataSource.query('CREATE TABLE "later" ("id" integer PRIMARY KEY)')
    await dataSource.destroy()
    await page.getByRole('link', { name: 'Review and resume' }).first().click()
    await page.getByText('An earlier run stopped here after 1 statement').waitFor()
    await button('Resume').click()
    await page.getByText('Applied: 1 revision').waitFor()
  })

  test('is refused if the database has changed since the plan was shown, and the new plan is there', async () => {
    await page.goto(`${client.url}plan`)
    await page.getByText('2 steps').first().waitFor()
    // The page must not learn of it before.
    await page.route('**/api/v1/status', (route) => route.abort())
    const migrator = new Migrator(suite.project.options())
    await migrator.upgrade('+1')
    await migrator.close()
    await button('Upgrade').click()
    await page.getByText('The plan has changed meanwhile').waitFor()
    await page.unroute('**/api/v1/status')
    await page.getByText('1 step', { exact: true }).first().waitFor()
    await button('Upgrade').click()
    await page.getByText('Applied: 1 revision').waitFor()
  })

  test('is planned to any revision, which is chosen by keys alone', async () => {
    await page.goto(`${client.url}plan`)
    const target = page.getByRole('combobox', { name: 'Target' })
    await target.focus()
    await page.keyboard.type('users')
    await page.getByRole('option', { name: 'users' }).waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/plan?target=${idOf('aa')}`)
    await page.getByText('1 step', { exact: true }).first().waitFor()
    await target.focus()
    await page.keyboard.type('nowhere')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor()
  })

  test('is reached by keys past many steps, and nothing that has the focus is behind its bar', async () => {
    const more = Array.from({ length: 8 }, (_, index) => `c${String(index)}`)
    suite.project.write(...more.map((id, index) => ({ id, down: more[index - 1] ?? 'bb', up: ['SELECT 1'] })))
    await page.setViewportSize({ width: 1280, height: 500 })
    await page.goto(`${client.url}plan`)
    await page.getByText('10 steps').first().waitFor()
    await page.locator('summary').first().focus()
    const hidden = `(() => {
      const [one, bar] = [document.activeElement, document.querySelector('.run-bar')]
      const [{ top, bottom }, cover] = [one.getBoundingClientRect(), bar.getBoundingClientRect()]
      return !bar.contains(one) && bottom > cover.top && top < cover.bottom
    })()`
    const skip = page.getByRole('link', { name: 'Skip the steps' })
    const isOnSkip = "document.activeElement.textContent === 'Skip the steps'"
    while (!(await page.evaluate<boolean>(isOnSkip))) await page.keyboard.press('Tab')
    for (let times = 0; times < 21; times += 1) {
      await page.keyboard.press('Tab')
      expect(await page.evaluate(hidden)).toBe(false)
    }
    await skip.focus()
    await page.keyboard.press('Enter')
    await until(page, "document.activeElement.textContent.startsWith('Upgrade')")
    await page.keyboard.press('Enter')
    await page.getByText('Applied: 10 revisions').waitFor()
  })

  test('that was started before the server is not known, and leads to where the database is', async () => {
    await page.goto(`${client.url}runs/00000000-0000-4000-8000-000000000000`)
    await page.getByText('This server does not know the run').waitFor()
    await page.getByRole('link', { name: 'See where the database is' }).click()
    await heading('2 revisions pending')
  })

  test('cannot be started from a server that only shows', async () => {
    const readOnly = await suite.project.serve({ page: builtPage, readOnly: true })
    const other = await suite.browser.open(readOnly.url, readOnly.token, '/plan')
    await other.getByText('This server only shows').waitFor()
    await other.getByRole('button', { name: 'Upgrade', exact: true }).click({ force: true })
    expect(other.url()).toBe(`${readOnly.url}plan`)
  })
})
