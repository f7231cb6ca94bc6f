import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import type { Page } from 'playwright-core'

import { dialectNames } from '../../../../tools/testing/databases'
import type { Client } from '../support/client'
import { waitFor, WebProject } from '../support/project'
import { axeFindings, builtPage, describeInBrowser, hold, TestBrowser, until } from './support'

describeInBrowser('a page whose server takes long', () => {
  let browser: TestBrowser
  let project: WebProject
  let client: Client
  let gate: string

  beforeAll(async () => {
    browser = await TestBrowser.launch()
    project = await WebProject.make(dialectNames[0]!)
    gate = path.join(project.folder, 'gate')
    project.write(
      { id: 'aa', message: 'users', up: ['CREATE TABLE "users" ("id" integer PRIMARY KEY)'] },
      { id: 'bb', message: 'slow', down: 'aa', up: ['SELECT 1'], code: waitFor(gate) },
    )
    client = await project.serve({ page: builtPage })
  })
  afterEach(() => browser.clear())
  afterAll(async () => {
    await project.remove()
    await browser.close()
  })

  const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 }).waitFor()

  /** Has a tab hidden or shown, which a browser without windows never does. */
  const setVisibility = (page: Page, state: 'hidden' | 'visible') =>
    page.evaluate(`Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true })
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))`)

  test('signs in when it is loaded again before it was answered', async () => {
    const page = await (await browser.visitor()).newPage()
    const release = await hold(page, '**/api/v1/session')
    const sent = page.waitForRequest((request) => request.method() === 'POST')
    await page.goto(`${client.url}plan#token=${client.token}`)
    await sent
    await page.reload()
    await release()
    await heading(page, 'Plan')
    expect(page.url()).toBe(`${client.url}plan`)
  })

  test('has its frame before the server has answered, and reports what it waits for', async () => {
    const page = await (await browser.visitor()).newPage()
    const release = await hold(page, '**/api/v1/session')
    await page.goto(`${client.url}#token=${client.token}`)
    await until(page, `performance.getEntriesByName('first-contentful-paint').length === 1`)
    await page.getByText('The server has not answered yet').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await release()
    await heading(page, '2 revisions pending')
  })

  test('names in a banner what it waits for, and asks again', async () => {
    const page = await browser.open(client.url, client.token)
    await heading(page, '2 revisions pending')
    await page.getByText('What an upgrade would do').waitFor()
    const release = await hold(page, '**/api/v1/journal*')
    await page.getByRole('link', { name: 'Journal', exact: true }).first().click()
    await page.getByText('Still waiting for the journal.').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await page.unroute('**/api/v1/journal*')
    // The banner goes away by itself where it is too late for the button.
    const gone = page.getByText('Still waiting for the journal.').waitFor({ state: 'detached' })
    await Promise.race([page.getByRole('button', { name: 'Ask again' }).click(), gone])
    await release()
    await gone
  })

  test('gives up a connection on which nothing comes any more, and goes on when there is another', async () => {
    const page = await browser.open(client.url, client.token)
    await heading(page, '2 revisions pending')
    await page.clock.install()
    const release = await hold(page, '**/api/**')
    await page.getByRole('link', { name: 'Journal', exact: true }).first().click()
    await page.getByLabel('Search the journal').waitFor()
    const connection = page.getByText('No connection to the server.')
    for (let seconds = 0; (await connection.count()) === 0 && seconds < 60; seconds += 1) await page.clock.runFor(1000)
    await connection.waitFor()
    await release()
    await page.clock.resume()
    await connection.waitFor({ state: 'detached' })
    await page.getByText('Nothing has run yet').first().waitFor()
  })

  test('shows why the database cannot be read on every page, and goes on when it can be', async () => {
    const page = await browser.open(client.url, client.token)
    await heading(page, '2 revisions pending')
    const error = { code: 'ALUDEL_CONNECT', message: 'the server refuses connections' }
    await page.route('**/api/v1/status', (route) => route.fulfill({ status: 503, json: { error } }))
    await setVisibility(page, 'hidden')
    await setVisibility(page, 'visible')
    await page.getByText('The database could not be read: the server refuses connections.').waitFor()
    // Where to is not known without the status.
    await page.goto(`${client.url}plan`)
    await page.getByRole('alert').getByText('The server refuses connections').waitFor()
    await page.unroute('**/api/v1/status')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('2 steps').first().waitFor()
  })

  test('has what is typed into a field replace the value that comes at that moment', async () => {
    const page = await browser.open(client.url, client.token)
    await heading(page, '2 revisions pending')
    const release = await hold(page, '**/api/v1/status')
    await page.goto(`${client.url}plan`)
    const target = page.getByRole('combobox', { name: 'Target' })
    await target.focus()
    // As soon as the value is there, before the browser draws it.
    const typed = page.evaluate(`new Promise((resolve) => {
      const [field, { port1, port2 }] = [document.activeElement, new MessageChannel()]
      port1.onmessage = () => {
        if (field.value === '') return port2.postMessage(null)
        document.execCommand('insertText', false, 'users')
        resolve(field.value)
      }
      port2.postMessage(null)
    })`)
    await release()
    expect(await typed).toBe('users')
    await page.getByRole('option', { name: 'users' }).waitFor()
  })

  test('looks once when it is shown again, and then as often as before', async () => {
    const page = await browser.open(client.url, client.token)
    await heading(page, '2 revisions pending')
    await page.getByText('What an upgrade would do').waitFor()
    let asked = 0
    page.on('request', (request) => (asked += request.url().endsWith('/status') ? 1 : 0))
    await setVisibility(page, 'hidden')
    const answer = page.waitForResponse((response) => response.url().endsWith('/status'))
    await setVisibility(page, 'visible')
    await answer
    // Ten of them would have been sent and answered by then.
    for (let times = 0; times < 10; times += 1) await client.get('/status')
    await page.waitForTimeout(300)
    expect(asked).toBeLessThan(4)
  })

  test('shows what is read again at the moment at which a page is opened', async () => {
    const page = await browser.open(client.url, client.token, '/backups')
    await heading(page, 'Backups')
    await until(page, `document.querySelectorAll('[aria-busy=true]').length === 0`)
    await page.getByRole('link', { name: 'Overview', exact: true }).first().click()
    await heading(page, '2 revisions pending')
    // Another tab tells of a change after the page was drawn, and before what it has drawn was asked for.
    await page.evaluate(`(async () => {
      const tab = new BroadcastChannel('aludel')
      document.querySelector('nav a[href="/backups"]').click()
      await null
      tab.postMessage('changed')
    })()`)
    await heading(page, 'Backups')
    await page.getByText('There is no backup yet').first().waitFor()
    await until(page, `document.querySelectorAll('[aria-busy=true]').length === 0`)
  })

  test('leaves connections for other tabs, however many hidden ones follow a run', async () => {
    const first = await browser.open(client.url, client.token, '/plan')
    await first.getByText('2 steps').first().waitFor()
    const { typedName: confirm } = (await client.get('/session')).json<{ typedName: string }>()
    const { id } = (await client.run({ direction: 'upgrade', target: 'head', confirm })).json<{ id: string }>()
    const tabs: Page[] = []
    // As many as a browser opens connections to one server.
    for (let number = 0; number < 6; number += 1) {
      const tab = await first.context().newPage()
      await tab.goto(`${client.url}runs/${id}`)
      await tab.getByText('1 of 2 steps').waitFor()
      await setVisibility(tab, 'hidden')
      tabs.push(tab)
    }
    const last = await first.context().newPage()
    await last.goto(`${client.url}history`)
    await last.getByRole('option').first().waitFor()
    writeFileSync(gate, '')
    // A hidden tab learns of the end, and a tab that is shown again of everything.
    await tabs[0]!.getByText('Applied: 2 revisions').waitFor()
    await setVisibility(tabs[1]!, 'visible')
    await tabs[1]!.getByText('Applied: 2 revisions').waitFor()
    await tabs[1]!.getByText('Log').click()
    // What has happened meanwhile comes with the stream, after the answer that it has ended.
    await until(tabs[1]!, "document.querySelectorAll('.run-log__line--done').length === 2")
    rmSync(gate)
  })
})
