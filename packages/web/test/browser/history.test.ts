import type { Page } from 'playwright-core'

import { dialectNames } from '../../../../tools/testing/databases'
import type { Client } from '../support/client'
import { idOf, WebProject, type WrittenRevision } from '../support/project'
import { builtPage, describeInBrowser, isThorough, TestBrowser, windows, until } from './support'

describeInBrowser('the history', () => {
  let browser: TestBrowser
  let project: WebProject
  let client: Client
  let page: Page

  beforeAll(async () => {
    browser = await TestBrowser.launch()
    project = await WebProject.make(dialectNames[0]!)
    project.write(
      {
        id: 'aa',
        message: 'users',
        up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY)'],
        undo: ['DROP TABLE "users"'],
      },
      { id: 'bb', message: 'posts', down: 'aa', up: ['CREATE TABLE "posts" ("id" integer PRIMARY KEY)'] },
      { id: 'cc', message: 'tags', down: 'aa', up: ['CREATE TABLE "tags" ("id" integer PRIMARY KEY)'] },
      { id: 'dd', message: 'join them', down: ['bb', 'cc'], up: [] },
      { id: 'ee', message: 'drop tags', down: 'dd', up: ['DROP TABLE "tags"'] },
    )
    client = await project.serve({ page: builtPage })
    await client.runToEnd({ direction: 'upgrade', target: 'dd' })
  })
  afterEach(() => browser.clear())
  afterAll(async () => {
    await project.remove()
    await browser.close()
  })

  const list = () => page.getByRole('listbox')
  const options = () => page.getByRole('option').allTextContents()
  const selected = () => page.locator('[role=option][aria-selected=true]').textContent()
  const details = (name: string) => page.getByRole('heading', { name, level: 2 })

  test('is drawn with its branches, and tells applied from pending revisions', async () => {
    page = await browser.open(client.url, client.token, '/history')
    await list().waitFor()
    const texts = await options()
    expect(texts).toHaveLength(5)
    expect(texts[0]).toMatch(/^drop tags.*head.*pending$/)
    expect(texts[1]).toMatch(/^join them.*current.*applied$/)
    expect(await page.locator('.lanes__dot--pending').count()).toBeGreaterThan(0)
    // A merge has two lines, of which one leads to the other lane.
    const merge = page.getByRole('option', { name: /^join them/ }).locator('.lanes > .lanes__line')
    expect(await merge.count()).toBe(2)
    expect(
      (await merge.evaluateAll((lines) => lines.map((line) => line.getAttribute('d')))).some((d) => d?.includes('C')),
    ).toBe(true)
    // Where the database is, is open.
    await details('Join them').waitFor()
  })

  test('is moved in by keys alone, from the search to the details and back', async () => {
    page = await browser.open(client.url, client.token, '/history')
    await list().waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('t')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('End')
    expect(await selected()).toMatch(/^posts/)
    await details('Posts').waitFor()
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('revision-details')
    await page.keyboard.press('Escape')
    expect(await page.evaluate('document.activeElement.id')).toBe('revisions')
    expect(page.url()).toBe(`${client.url}history/${idOf('bb')}?search=t`)
  })

  test('is searched and filtered, and an address keeps both', async () => {
    page = await browser.open(client.url, client.token, '/history?show=pending')
    await list().waitFor()
    expect(await options()).toHaveLength(1)
    await page.getByRole('radio', { name: /^Applied/ }).click()
    await page.getByLabel('Search revisions').fill('nothing like it')
    await page.getByText('No revision is like that').waitFor()
    await page.getByRole('button', { name: 'Show all' }).click()
    await list().waitFor()
    expect(await options()).toHaveLength(5)
  })

  test('shows what a revision does, loses and runs, and its file', async () => {
    page = await browser.open(client.url, client.token, `/history/${idOf('ee')}`)
    await details('Drop tags').waitFor()
    const panel = page.locator('#revision-details')
    await panel.getByText('all rows of tags').waitFor()
    await panel.getByRole('region', { name: 'SQL of the up' }).getByText('DROP TABLE "tags"').waitFor()
    await panel.getByRole('tab', { name: 'File' }).click()
    await panel.getByText('exports.R').first().waitFor()
    await panel.getByRole('link', { name: 'Upgrade to here' }).click()
    await page.getByRole('heading', { name: 'Plan', level: 1 }).waitFor()
    expect(page.url()).toContain(`target=${idOf('ee')}`)
  })

  test('leads from a revision to its parents, and an unknown one is named', async () => {
    page = await browser.open(client.url, client.token, `/history/${idOf('dd')}`)
    await details('Join them').waitFor()
    await page
      .locator('#revision-details')
      .getByRole('link', { name: idOf('cc').slice(0, 8) })
      .click()
    await details('Tags').waitFor()
    await page.goto(`${client.url}history/ffffffffffff`)
    await page
      .getByText(/ffffffffffff/)
      .first()
      .waitFor()
  })

  test('opens a revision over the list on a phone, and goes back to it', async () => {
    page = await browser.open(client.url, client.token, '/history', { viewport: windows.phone, hasTouch: true })
    await list().waitFor()
    await page.getByRole('option', { name: /^posts/ }).tap()
    await details('Posts').waitFor()
    expect(await list().count()).toBe(0)
    await page.goBack()
    await list().waitFor()
    expect(await selected()).toMatch(/^posts/)
  })
})

/** Files of a long history take long to write. */
const many = isThorough ? 10_000 : 2000

describeInBrowser(`a history of ${String(many)} revisions`, () => {
  let browser: TestBrowser
  let project: WebProject

  beforeAll(async () => {
    browser = await TestBrowser.launch()
    project = await WebProject.make(dialectNames[0]!)
    const revisions = Array.from({ length: many }, (_, index): WrittenRevision => {
      const id = (number: number) => number.toString(16).padStart(12, '0')
      return {
        id: id(index),
        message: `step ${String(index)}`,
        up: [],
        ...(index === 0 ? {} : { down: id(index - 1) }),
      }
    })
    project.write(...revisions)
  })
  afterEach(() => browser.clear())
  afterAll(async () => {
    await project.remove()
    await browser.close()
  })

  test('is drawn as far as it is in sight, at both ends, and found in whole', async () => {
    const client = await project.serve({ page: builtPage })
    const page = await browser.open(client.url, client.token, '/history')
    await page.getByRole('option').first().waitFor()
    const drawn = () => page.getByRole('option').count()
    expect(await drawn()).toBeLessThan(80)
    await page.getByRole('listbox').focus()
    await page.keyboard.press('End')
    const last = page.locator(`[role=option][aria-posinset="${String(many)}"]`)
    await last.waitFor()
    expect(await last.textContent()).toMatch(/^step 0/)
    expect(await last.getAttribute('aria-selected')).toBe('true')
    expect(await drawn()).toBeLessThan(80)
    await page.mouse.move(500, 400)
    await page.mouse.wheel(0, -40_000)
    await until(page, `document.querySelector('[role=option]').getAttribute('aria-posinset') < ${String(many - 1000)}`)
    expect(await drawn()).toBeLessThan(80)
    // In the base of ids, this number is none of them.
    const found = `step ${String(many - 2)}`
    await page.getByLabel('Search revisions').fill(found)
    await page.getByRole('option', { name: new RegExp(`^${found}`) }).waitFor()
    expect(await drawn()).toBe(1)
  })
})
