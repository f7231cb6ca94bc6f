import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'

import fastify from 'fastify'
import type { Page } from 'playwright-core'

import { dialectNames } from '../../../../tools/testing/databases'
import { aludelWeb } from '../../src'
import type { ReviewSource } from '../../src'
import type { Client } from '../support/client'
import { idOf, WebProject } from '../support/project'
import { axeFindings, builtPage, describeInBrowser, isThorough, TestBrowser, windows, until } from './support'

/** A text that would do something if it were taken for HTML. */
const hostile = `<img src=x onerror="document.title='taken over'"><script>document.title='taken over'</script>"'&`

const reviews: ReviewSource = {
  list: () => Promise.resolve({ reviews: [review], next: null, counts: { pending: 0, in_progress: 0, completed: 1 } }),
  get: (id) => Promise.resolve(id === review.id ? review : null),
}
const review = {
  id: 'r1',
  analysisId: hostile,
  componentId: 'broker',
  threatId: `Telemetry ${hostile}`,
  originalDecision: 'Accept',
  finalDecision: 'Mitigate',
  reviewer: 'Ana',
  justification: hostile,
  additionalNotes: null,
  reviewDate: '2025-05-20',
  evidenceReferences: [`javascript:document.title='taken over'`, 'https://example.org/proof'],
  status: 'completed',
  updatedAt: '2025-05-21T10:00:00.000Z',
}

describeInBrowser('every page', () => {
  let browser: TestBrowser
  let project: WebProject
  let client: Client
  /** Of a run that has ended. */
  let run: string

  /** Where each page is, and what is on it when all of it is there. */
  const pages = [
    ['the overview', '/', 'Last runs'],
    ['the history', `/history/${idOf('bb')}`, 'What it does'],
    ['a plan', '/plan', '1 step'],
    ['the schema', '/schema?table=posts', 'Foreign keys'],
    ['a diagram', '/schema?view=diagram', '3 tables'],
    ['the difference', '/schema?view=difference', 'operation'],
    ['the backups', '/backups', 'Kept in the database'],
    ['the journal', '/journal', 'posts'],
    ['the reviews', '/reviews', 'Telemetry'],
    ['creating', '/create', 'What has changed'],
    ['a page that is not there', '/nowhere', 'There is no such page'],
  ] as const

  beforeAll(async () => {
    browser = await TestBrowser.launch()
    project = await WebProject.make(dialectNames[0]!)
    project.write(
      {
        id: 'aa',
        message: `users ${hostile}`,
        up: [`CREATE TABLE "users" ("id" integer PRIMARY KEY, "name" text DEFAULT '<b>x</b>')`],
        undo: ['DROP TABLE "users"'],
      },
      {
        id: 'bb',
        message: 'posts',
        down: 'aa',
        up: [
          'CREATE TABLE "posts" ("id" integer PRIMARY KEY, "user_id" integer REFERENCES "users" ("id"))',
          `CREATE TABLE "${hostile.replaceAll('"', '""')}" ("<i>column</i>" integer PRIMARY KEY)`,
        ],
        undo: ['DROP TABLE "posts"'],
      },
      { id: 'cc', message: 'drop posts', down: 'bb', up: ['DROP TABLE "posts"'] },
    )
    client = await project.serve({ page: builtPage, allowCreate: true, reviews })
    run = (await client.runToEnd({ direction: 'upgrade', target: 'bb' })).id
  })
  afterEach(() => browser.clear())
  afterAll(async () => {
    await project.remove()
    await browser.close()
  })

  const settled = async (page: Page, text: string) => {
    await page.getByText(text).first().waitFor()
    await until(page, `document.querySelectorAll('[aria-busy=true]').length === 0`)
  }

  /** Each theme and each window; in every combination if there is time for it. */
  const looks = [
    ['laptop', 'light'],
    ['phone', 'dark'],
    ...(isThorough
      ? ([
          ['laptop', 'dark'],
          ['phone', 'light'],
        ] as const)
      : []),
  ] as const

  const expectAccessible = async (page: Page) => {
    expect(await axeFindings(page)).toEqual([])
    // Nothing is wider than the window.
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  }

  test.each(pages)(
    '%s has nothing that axe finds, in both themes, on a laptop and a phone',
    async (_name, where, text) => {
      const page = await browser.open(client.url, client.token, where)
      for (const [window, colorScheme] of looks) {
        await page.setViewportSize(windows[window])
        await page.emulateMedia({ colorScheme })
        await settled(page, text)
        await expectAccessible(page)
      }
    },
  )

  test('what is above a page has nothing that axe finds, and neither have a run and signing in', async () => {
    const page = await browser.open(client.url, client.token)
    await settled(page, 'Last runs')
    const dialog = (name: string | RegExp) => page.getByRole('dialog', { name })
    const go = (where: string) => page.goto(`${client.url.replace(/\/$/, '')}${where}`)
    const states: readonly (() => Promise<void>)[] = [
      async () => {
        await page.keyboard.press('Control+k')
        await dialog('Go to').getByRole('option').first().waitFor()
      },
      async () => {
        await page.keyboard.press('Escape')
        await page.keyboard.press('?')
        await dialog('Keyboard').waitFor()
      },
      async () => {
        await go('/plan')
        await page.getByRole('button', { name: 'Upgrade …' }).click()
        await dialog('Upgrade and lose data?').waitFor()
      },
      async () => {
        await go('/schema?table=posts')
        await page.getByRole('button', { name: 'Story', exact: true }).click()
        await dialog('Story of posts').getByRole('link', { name: 'Posts', exact: true }).waitFor()
      },
      async () => {
        await go(`/runs/${run}`)
        await page.getByText('Applied: 2 revisions').waitFor()
        await page.getByText('Log').click()
      },
      async () => {
        await page.context().clearCookies()
        await page.reload()
        await page.getByLabel('Token').waitFor()
      },
    ]
    for (const reach of states) {
      await page.setViewportSize(windows.laptop)
      await reach()
      for (const [window, colorScheme] of looks) {
        await page.setViewportSize(windows[window])
        await page.emulateMedia({ colorScheme })
        await expectAccessible(page)
      }
    }
  })

  test('shows hostile texts as they are, and none of them does anything', async () => {
    const page = await browser.open(client.url, client.token)
    for (const [, where, text] of pages) {
      await page.goto(`${client.url.replace(/\/$/, '')}${where}`)
      await settled(page, text)
      expect(await page.title()).not.toContain('taken over')
      expect(await page.locator('main img, main script, main b > x').count()).toBe(0)
    }
    await page.goto(`${client.url}reviews/r1`)
    await page.getByText('javascript:document.title').waitFor()
    expect(await page.getByRole('link', { name: /javascript/ }).count()).toBe(0)
    expect(await page.getByRole('link', { name: 'https://example.org/proof' }).getAttribute('rel')).toContain(
      'noopener',
    )
    await page.goto(`${client.url}history/${idOf('aa')}`)
    await page.getByRole('heading', { name: `Users ${hostile}` }).waitFor()
    await page.goto(`${client.url}schema?table=${encodeURIComponent(hostile)}`)
    await page.getByText('<i>column</i>').waitFor()
  })

  test('moves nothing while it is read', async () => {
    const page = await browser.open(client.url, client.token)
    for (const [, where, text] of pages) {
      await page.goto(`${client.url.replace(/\/$/, '')}${where}`)
      await settled(page, text)
      const shift = await page.evaluate<number>(`new Promise((resolve) => {
        let sum = 0
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value
        }).observe({ type: 'layout-shift', buffered: true })
        requestAnimationFrame(() => setTimeout(() => resolve(sum), 50))
      })`)
      expect([where, shift < 0.1]).toEqual([where, true])
    }
  })

  test('asks nobody but its own server', async () => {
    const page = await (await browser.visitor()).newPage()
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).origin))
    await page.goto(`${client.url}#token=${client.token}`)
    // Who leaves before the token was sent is not signed in.
    await settled(page, 'Last runs')
    for (const [, where, text] of pages) {
      await page.goto(`${client.url.replace(/\/$/, '')}${where}`)
      await settled(page, text)
    }
    expect([...new Set(asked)]).toEqual([new URL(client.url).origin])
  })

  test('is reached by the keys that the help names, which can be turned off', async () => {
    const page = await browser.open(client.url, client.token)
    await settled(page, 'Last runs')
    await page.keyboard.press('?')
    const dialog = page.getByRole('dialog', { name: 'Keyboard' })
    await dialog.waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('g')
    await page.keyboard.press('j')
    await page.getByRole('heading', { name: 'Journal', level: 1 }).waitFor()
    await page.getByRole('button', { name: 'Keyboard' }).click()
    await dialog.getByLabel('Single keys lead somewhere').uncheck()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await page.keyboard.press('g')
    await page.keyboard.press('h')
    await page.keyboard.press('?')
    expect(await dialog.count()).toBe(0)
    expect(page.url()).toContain('/journal')
    // The first Tab leads to the content.
    await page.reload()
    await settled(page, 'Journal')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('main')
  })

  test('works below a prefix, also by a link to its inside', async () => {
    const app = fastify()
    await app.register(aludelWeb, {
      prefix: '/admin/migrations',
      project: project.options(),
      page: builtPage,
      token: 'x'.repeat(40),
    })
    const address = await app.listen({ port: 0, host: '127.0.0.1' })
    try {
      const page = await browser.open(address, 'x'.repeat(40), `/admin/migrations/history/${idOf('aa')}`)
      await page.getByRole('heading', { name: /^Users/ }).waitFor()
      await page.getByRole('link', { name: 'Journal', exact: true }).first().click()
      await page.getByText('posts').first().waitFor()
      expect(page.url()).toBe(`${address}/admin/migrations/journal`)
    } finally {
      await app.close()
    }
  })

  test('says what to do if the database cannot be reached', async () => {
    const page = await browser.open(client.url, client.token, '/journal')
    await settled(page, 'posts')
    await page.route('**/api/v1/status', (route) =>
      route.fulfill({
        status: 503,
        contentType: 'application/json',
        body: JSON.stringify({
          error: {
            code: 'ALUDEL_CONNECT',
            message: 'cannot connect to the database',
            help: 'Is it running? Try:\naludel db info',
          },
        }),
      }),
    )
    await page.goto(client.url)
    await page.getByText('Cannot connect to the database').waitFor()
    await page.getByRole('button', { name: 'Copy aludel db info' }).waitFor()
    await page.unroute('**/api/v1/status')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('Last runs').waitFor()
  })
})

describe('the built page', () => {
  const html = readFileSync(path.join(builtPage, 'index.html'), 'utf8')
  const compressed = (file: string) => gzipSync(readFileSync(path.join(builtPage, file)), { level: 9 }).length

  test('has less than 100 KB that are needed for the first load, compressed', () => {
    const needed = [...html.matchAll(/="\.\/(assets\/[^"]+)"/g)].map(([, file]) => String(file))
    expect(needed.length).toBeGreaterThanOrEqual(4)
    const bytes = needed.reduce((sum, file) => sum + compressed(file), Buffer.byteLength(html))
    expect(bytes).toBeLessThan(100 * 1024)
    expect(bytes).toBeGreaterThan(10 * 1024)
  })

  test('has neither inline scripts nor inline styles', () => {
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/i)
    expect(html.match(/<script(?![^>]*\ssrc=)/g)).toBeNull()
  })

  test('has names with hashes for all that is kept by browsers, and the licenses of what it contains', () => {
    for (const name of readdirSync(path.join(builtPage, 'assets')))
      expect(name).toMatch(/-[\w-]{8}\.(?:js|css|svg)(?:\.gz|\.br)?$/)
    const licenses = readFileSync(path.join(builtPage, 'LICENSES.txt'), 'utf8')
    for (const name of ['preact', '@preact/signals', 'highlight.js', '@dagrejs/dagre', 'date-fns']) {
      expect(licenses).toMatch(new RegExp(`^${name.replaceAll('.', '\\.')} \\d`, 'm'))
    }
    expect(statSync(path.join(builtPage, 'index.html')).size).toBeLessThan(4096)
  })
})
