import fastify from 'fastify'
import type { Page } from 'playwright-core'

import { dialectNames } from '../../../../tools/testing/databases'
import { aludelWeb } from '../../src'
import { WebProject } from '../support/project'
import { builtPage, describeInBrowser, TestBrowser, until } from './support'

describeInBrowser('signing in', () => {
  let browser: TestBrowser
  let project: WebProject

  beforeAll(async () => {
    browser = await TestBrowser.launch()
    project = await WebProject.make(dialectNames[0]!)
    project.write({ id: 'aa', message: 'users', up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY)'] })
  })
  afterEach(async () => {
    // A page that is still open when its server ends may complain of that.
    await browser.clear()
    await project.stop()
  })
  afterAll(async () => {
    await project.remove()
    await browser.close()
  })

  const start = () => project.start({ page: builtPage })
  const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 }).waitFor()

  test('the link of the server signs in, and its token stays neither in the address nor in the history', async () => {
    const { client } = await start()
    const page = await browser.open(client.url, client.token, '/history')
    await heading(page, 'History')
    expect(page.url()).toBe(`${client.url}history`)
    await page.getByRole('link', { name: 'Journal', exact: true }).first().click()
    await heading(page, 'Journal')
    await page.goBack()
    await heading(page, 'History')
    expect(page.url()).toBe(`${client.url}history`)
    expect(await page.evaluate('document.cookie')).toBe('')
    const stored = await page.evaluate<string>('JSON.stringify({ ...localStorage, ...sessionStorage })')
    expect(stored).not.toContain(client.token)
  })

  test('a token can be typed, and a wrong one is refused with what to do', async () => {
    const { client } = await start()
    const page = await (await browser.visitor()).newPage()
    await page.goto(`${client.url}plan`)
    await page.getByLabel('Token').fill('wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').waitFor()
    await page.getByLabel('Token').fill(client.token)
    await page.keyboard.press('Enter')
    await heading(page, 'Plan')
  })

  test('who signs out is signed out in every tab', async () => {
    const { client } = await start()
    const one = await browser.open(client.url, client.token)
    const other = await one.context().newPage()
    await other.goto(`${client.url}journal`)
    await heading(other, 'Journal')
    await one.getByRole('button', { name: 'Sign out' }).click()
    await one.getByLabel('Token').waitFor()
    await other.getByLabel('Token').waitFor()
  })

  test('after a session has expired one signs in again above the page, which stays as it was', async () => {
    const { client } = await start()
    const page = await browser.open(client.url, client.token, '/journal')
    await heading(page, 'Journal')
    await page.context().clearCookies()
    await page.getByLabel('Search the journal').fill('nothing like it')
    const dialog = page.getByRole('dialog', { name: 'Your session has expired' })
    await dialog.getByLabel('Token').fill(client.token)
    await dialog.getByRole('button', { name: 'Sign in' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect(page.url()).toBe(`${client.url}journal`)
    expect(await page.getByLabel('Search the journal').inputValue()).toBe('nothing like it')
    await page.getByText('No run is like that').waitFor()
  })

  test('the link of a server that was started again signs in the tab that has waited for it', async () => {
    const first = await start()
    const page = await browser.open(first.client.url, first.client.token, '/journal')
    await heading(page, 'Journal')
    await first.server.close()
    const { client } = await project.start({ page: builtPage, port: Number(new URL(first.client.url).port) })
    await page.getByRole('radio', { name: 'Failed' }).click()
    const dialog = page.getByRole('dialog', { name: 'Your session has expired' })
    await dialog.waitFor()
    // Esc leads nowhere, however often: one can type the token at once.
    for (let times = 0; times < 3; times += 1) await page.keyboard.press('Escape')
    await dialog.waitFor()
    await until(page, `document.activeElement.type === 'password'`)
    const other = await page.context().newPage()
    await other.goto(`${client.url}#token=${client.token}`)
    await heading(other, '1 revision pending')
    await dialog.waitFor({ state: 'detached' })
    await page.getByText('No run is like that').waitFor()
    // What it writes has the secret of the new session.
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Token').waitFor()
  })

  test('in an application that knows its users, nobody is asked for a token', async () => {
    const app = fastify()
    await app.register(aludelWeb, {
      project: project.options(),
      page: builtPage,
      authenticate: ({ headers }) => /\buser=(\w+)/.exec(headers.cookie ?? '')?.[1] ?? null,
    })
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    try {
      const context = await browser.visitor()
      const page = await context.newPage()
      await page.goto(`${url}/journal`)
      await page.getByText('Sign in there, then try again.').waitFor()
      expect(await page.getByLabel('Token').count()).toBe(0)
      await page.getByRole('button', { name: 'Try again' }).click()
      await page.getByRole('alert').getByText('Sign in to the application that this page is a part of.').waitFor()
      await context.addCookies([{ name: 'user', value: 'maria', url }])
      await page.getByRole('button', { name: 'Try again' }).click()
      await heading(page, 'Journal')
      await page.getByText(/^maria via web@/).waitFor()
      expect(await page.getByRole('button', { name: 'Sign out' }).count()).toBe(0)
      await context.clearCookies()
      await page.getByRole('radio', { name: 'Failed' }).click()
      const dialog = page.getByRole('dialog', { name: 'Your session has expired' })
      await dialog.getByText('Sign in there, then try again.').waitFor()
      await context.addCookies([{ name: 'user', value: 'maria', url }])
      await dialog.getByRole('button', { name: 'Try again' }).click()
      await dialog.waitFor({ state: 'detached' })
      await page.getByText('No run is like that').waitFor()
    } finally {
      await app.close()
    }
  })

  test('while the server is away a banner says so, and the page goes on when it is back', async () => {
    const { client } = await start()
    const page = await browser.open(client.url, client.token, '/journal')
    await heading(page, 'Journal')
    await page.route('**/api/**', (route) => route.abort())
    await page.getByRole('radio', { name: 'Failed' }).click()
    await page.getByText('No connection to the server.').waitFor()
    await page.unroute('**/api/**')
    await page.getByRole('button', { name: 'Try now' }).click()
    await page.getByText('No connection to the server.').waitFor({ state: 'detached' })
    await page.getByText('No run is like that').waitFor()
  })

  test('a page whose server is not there waits for it, and signs in with its link then', async () => {
    const { client } = await start()
    const page = await (await browser.visitor()).newPage()
    await page.route('**/api/**', (route) => route.abort())
    await page.goto(`${client.url}#token=${client.token}`)
    await heading(page, 'The server does not answer')
    await page.unroute('**/api/**')
    await page.getByRole('button', { name: 'Try again' }).click()
    await heading(page, '1 revision pending')
  })

  test('the chosen theme is there before the first paint, also after a reload', async () => {
    const { client } = await start()
    const page = await browser.open(client.url, client.token, '/', { colorScheme: 'light' })
    const background = () => page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor')
    await page.getByRole('button', { name: 'Dark theme' }).click()
    const dark = await background()
    await page.reload({ waitUntil: 'commit' })
    await until(page, 'document.styleSheets.length > 0')
    expect(await background()).toBe(dark)
    await page.getByRole('button', { name: 'Theme of the system' }).click()
    expect(await background()).not.toBe(dark)
  })
})
