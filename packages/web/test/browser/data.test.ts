import { mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'

import type { Page } from 'playwright-core'
import { EntitySchema } from 'typeorm'

import { dialectNames, postgresUrl } from '../../../../tools/testing/databases'
import { writePgPrograms } from '../../../../tools/testing/pg-programs'
import { hasPgTools } from '../../../../tools/testing/pg-tools'
import type { Session } from '../../src'
import type { Client } from '../support/client'
import { idOf, WebProject } from '../support/project'
import { axeFindings, builtPage, describeInBrowser, dialogIsReady, TestBrowser } from './support'

jest.setTimeout(120_000)

describeInBrowser.each(dialectNames)('data on %s', (dialect) => {
  let browser: TestBrowser
  let project: WebProject
  let client: Client
  let page: Page
  let name: string

  /** The bundled server has no `pg_dump`; where none fits it, a stand-in writes files that cannot be restored. */
  const isRestorable = dialect === 'sqlite' || hasPgTools
  const tools = async (): Promise<string | undefined> => {
    if (isRestorable) return undefined
    const folder = path.join(project.folder, 'programs')
    mkdirSync(folder)
    await writePgPrograms(folder)
    return folder
  }

  beforeAll(async () => {
    browser = await TestBrowser.launch()
  })
  beforeEach(async () => {
    project = await WebProject.make(dialect)
    project.write(
      {
        id: 'aa',
        message: 'users',
        up: [
          'CREATE TABLE "users" ("id" integer PRIMARY KEY, "name" varchar(50))',
          `INSERT INTO "users" VALUES (1, 'Ana'), (2, 'Bo')`,
        ],
        undo: ['DROP TABLE "users"'],
      },
      {
        id: 'bb',
        message: 'posts',
        down: 'aa',
        up: ['CREATE TABLE "posts" ("id" integer PRIMARY KEY, "author_id" integer REFERENCES "users" ("id"))'],
        undo: ['DROP TABLE "posts"'],
      },
      {
        id: 'cc',
        message: 'forget names',
        down: 'bb',
        up: ['ALTER TABLE "users" DROP COLUMN "name"'],
        undo: ['ALTER TABLE "users" ADD COLUMN "name" varchar(50)'],
      },
    )
    client = await project.serve({
      page: builtPage,
      project: project.options({ backups: { tools: await tools() }, shadow: { postgres: postgresUrl() } }),
    })
    name = (await client.get('/session')).json<Session>().typedName ?? ''
    await client.runToEnd({ direction: 'upgrade', target: idOf('bb'), confirm: name })
  })
  afterEach(async () => {
    await browser.clear()
    await project.remove()
  })
  afterAll(() => browser.close())

  const button = (label: string | RegExp) => page.getByRole('button', { name: label, exact: typeof label === 'string' })

  test('is shown as tables that lead to each other, and as a picture that keys move in', async () => {
    page = await browser.open(client.url, client.token, '/schema?table=posts')
    const panel = page.getByRole('region', { name: 'Table posts' })
    await panel.getByRole('cell', { name: /^author_id/ }).waitFor()
    await panel.getByRole('button', { name: 'users', exact: true }).click()
    await page.getByRole('region', { name: 'Table users' }).getByText('Referenced by').waitFor()
    await page.getByRole('radio', { name: 'Diagram' }).click()
    const picture = page.getByRole('group', { name: /2 tables, 1 foreign key/ })
    await picture.focus()
    const where = () => page.locator('.diagram__picture > g').getAttribute('transform')
    const fitted = await where()
    await page.keyboard.press('+')
    const nearer = await where()
    expect(nearer).not.toBe(fitted)
    await page.keyboard.press('ArrowLeft')
    expect(await where()).not.toBe(nearer)
    await page.keyboard.press('0')
    expect(await where()).toBe(fitted)
    await page.keyboard.press('Tab')
    const table = await page.evaluate<string>(`document.activeElement.querySelector('.diagram__name').textContent`)
    await page.keyboard.press('Enter')
    await page.getByRole('region', { name: `Table ${table}` }).waitFor()
  })

  test('has the schema of any revision, and what leads from one to another', async () => {
    page = await browser.open(client.url, client.token, `/schema?at=${idOf('aa')}`)
    await page.getByText('1 table', { exact: true }).waitFor()
    await page.getByRole('radio', { name: 'Difference' }).click()
    await page.getByText('drop column users.name').waitFor()
    await page.getByText('loses data').waitFor()
    await button('Exchange both sides').click()
    await page.getByText(/add column users.name/).waitFor()
  })

  test('is backed up, verified and put back, and every step is followed', async () => {
    page = await browser.open(client.url, client.token, '/backups')
    await page.getByText('There is no backup yet').waitFor()
    await button('Back up now').click()
    await page.getByText(/^Backed up: /).waitFor()
    await page.getByRole('link', { name: 'Backups' }).last().click()
    await button('Verify').click()
    await page.getByText('The backup is good').waitFor()
    if (!isRestorable) return
    await project.database.query('DELETE FROM "users" WHERE "id" = 2')
    await page.getByRole('link', { name: 'Backups' }).last().click()
    await button('Restore …').click()
    const dialog = page.getByRole('dialog')
    const row = dialog.getByRole('row', { name: /^users/ })
    expect(await row.textContent()).toMatch(/users12\+1/)
    expect(await axeFindings(page)).toEqual([])
    const disconnect = dialog.getByLabel('Disconnect them')
    if ((await disconnect.count()) > 0) await disconnect.check()
    await dialog.getByRole('textbox').fill(name)
    await page.keyboard.press('Enter')
    await page.getByText('Restored', { exact: true }).waitFor()
    expect(await project.database.query('SELECT "name" FROM "users" ORDER BY "id"')).toHaveLength(2)
  })

  test('that an upgrade drops is kept if one wants it, and removed after the name was typed', async () => {
    page = await browser.open(client.url, client.token, '/plan')
    await page.getByText('Loses values of users.name').waitFor()
    await page.getByText('Options').click()
    await page.getByLabel(/^Keep what is dropped/).check()
    await page.getByText(/^Keeps values of users.name/).waitFor()
    await button('Upgrade').click()
    await page.getByText(/^Kept for a downgrade: users.name/).waitFor()
    await page.goto(`${client.url}backups`)
    await page.getByText('users.name').waitFor()
    await button('Remove …').click()
    await page.getByRole('radio', { name: 'Everything' }).click()
    await page.getByRole('dialog').getByRole('textbox').fill(name)
    await page.keyboard.press('Enter')
    await page.getByText('Removed 1 entry').waitFor()
    await page.getByText('Nothing. An upgrade with').waitFor()
  })

  test('has a journal that is searched, and goes back page by page', async () => {
    const steps = Array.from({ length: 52 }, (_, index) => (0xe00 + index).toString(16))
    project.write(...steps.map((id, index) => ({ id, down: steps[index - 1] ?? 'bb', up: [] })))
    await client.runToEnd({ direction: 'upgrade', target: idOf(steps.at(-1)!) })
    page = await browser.open(client.url, client.token, '/journal')
    const entries = page.locator('.journal__line')
    await button('Older runs').click()
    await button('Older runs').waitFor({ state: 'detached' })
    expect(await entries.count()).toBe(54)
    await page.getByLabel('Search the journal').fill('users')
    await page.getByRole('status').filter({ hasText: '1 run shown' }).waitFor({ state: 'attached' })
    expect(await entries.count()).toBe(1)
  })

  test('that another tab has changed is shown at once', async () => {
    page = await browser.open(client.url, client.token)
    await page.getByRole('heading', { name: '1 revision pending' }).waitFor()
    const other = await page.context().newPage()
    await other.goto(`${client.url}plan?direction=downgrade&target=${idOf('aa')}`)
    await other.getByRole('button', { name: 'Downgrade …' }).click()
    await dialogIsReady(other)
    await other.keyboard.type(name)
    await other.keyboard.press('Enter')
    await other.getByText('Undone: 1 revision').waitFor()
    await page.getByRole('heading', { name: '2 revisions pending' }).waitFor({ timeout: 5_000 })
  })

  test('is changed by a revision that is created from the entities, after its questions', async () => {
    const user = (columns: object) =>
      new EntitySchema({
        name: 'User',
        tableName: 'users',
        columns: { id: { type: 'integer', primary: true }, ...columns } as never,
      })
    const made = await WebProject.make(dialect)
    const serve = (entity: EntitySchema) =>
      made.serve({
        page: builtPage,
        allowCreate: true,
        project: made.options({
          dataSource: made.dataSource({ entities: [entity] }),
          shadow: { postgres: postgresUrl() },
        }),
      })
    const create = async (message: string) => {
      await page.getByLabel('What has changed').fill(message)
      await button(/^Compare/).click()
    }
    try {
      const varchar = { type: 'varchar', length: 50, nullable: true }
      let server = await serve(user({ name: varchar }))
      page = await browser.open(server.url, server.token, '/create')
      await create('users')
      await button('Write the file').click()
      await page.getByText('Written', { exact: true }).waitFor()
      await create('nothing new')
      await page.getByText('There is nothing to write').waitFor()
      await made.stop()

      server = await serve(user({ full_name: varchar }))
      page = await browser.open(server.url, server.token, '/create')
      await create('full names')
      await page.getByText('1 question', { exact: true }).waitFor()
      expect(await button('Continue').getAttribute('aria-disabled')).toBe('true')
      expect(await axeFindings(page)).toEqual([])
      await page.getByRole('radio').first().check()
      await button('Continue').click()
      await page
        .getByText(/rename/)
        .first()
        .waitFor()
      await page.getByText('Your answers').waitFor()
      expect(await axeFindings(page)).toEqual([])
      await button('Write the file').click()
      await page.getByText('Written', { exact: true }).waitFor()
      expect(readdirSync(path.join(made.folder, 'revisions'))).toHaveLength(2)
      await made.stop()

      server = await serve(user({}))
      page = await browser.open(server.url, server.token, '/create')
      await create('no names')
      await button('Write the file …').click()
      const typed = (await server.get('/session')).json<Session>().typedName ?? ''
      await page.getByRole('dialog').getByRole('textbox').fill(typed)
      await page.keyboard.press('Enter')
      await page.getByText('Written', { exact: true }).waitFor()
      expect(readdirSync(path.join(made.folder, 'revisions'))).toHaveLength(3)
    } finally {
      await made.remove()
    }
  })

  test('creating is explained where it is not allowed', async () => {
    page = await browser.open(client.url, client.token, '/create')
    await page.getByText('Revisions are not written from this page here').waitFor()
    await page.getByText('aludel web --allow-create').waitFor()
  })
})
