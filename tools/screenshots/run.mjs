// Takes the pictures of the page that are in docs/pictures, from a real server on a SQLite database.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import { join } from 'node:path'
import { root } from '../lib/process.mjs'
import chromium from '../testing/chromium.cjs'
import { optimizer } from './optimize.mjs'
import { makeCreateProject } from './create-project.mjs'
import { applied, idOf, now, revisions, rows, timeOf, writeRevisions } from './shop.mjs'

const load = createRequire(import.meta.url)
const pictures = join(root, 'docs', 'pictures')

/** @typedef {import('playwright-core').Page} Page */

/**
 * A picture: where it is, and what is done there before.
 *
 * @typedef {object} Picture
 * @property {string} name
 * @property {string} path
 * @property {string} ready a selector that is there when the page is
 * @property {(page: Page) => Promise<void>} [before]
 */

/** @type {readonly Picture[]} */
const shopPictures = [
  { name: 'overview', path: '/', ready: '.track', before: waitForOverview },
  { name: 'history', path: '/history', ready: '.revision', before: waitForDetails },
  { name: 'plan', path: '/plan', ready: '.step__body .hljs-keyword', before: waitForLint },
  { name: 'schema', path: '/schema?table=orders', ready: '.columns' },
  { name: 'diagram', path: '/schema?view=diagram', ready: '.diagram__table' },
  { name: 'backups', path: '/backups', ready: '.backup' },
  { name: 'reviews', path: '/reviews', ready: '.reviews__row' },
  { name: 'journal', path: '/journal', ready: '.journal' },
]

/**
 * Findings and drift come after what the overview shows first.
 *
 * @param {Page} page
 */
async function waitForOverview(page) {
  await page.waitForSelector('.drift--green')
  await page.waitForSelector('.glance:not(:has(.spinner))')
}

/**
 * Findings come after the plan.
 *
 * @param {Page} page
 */
async function waitForLint(page) {
  await page.waitForSelector('.plan-checks__line:has(.icon)')
}

/**
 * A phone shows no revision beside the list.
 *
 * @param {Page} page
 */
async function waitForDetails(page) {
  const { width } = page.viewportSize() ?? windows.laptop.viewport
  if (width <= 1000) return
  await page.waitForSelector('.details .hljs-keyword')
  await page.waitForSelector('.details:not(:has([aria-busy=true]))')
}

const themes = /** @type {const} */ (['light', 'dark'])
const windows = /** @type {const} */ ({
  laptop: { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 2 },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
})

/**
 * @param {object} options
 * @param {string} [options.only] names of pictures that contain it
 * @returns {Promise<number>} the exit code
 */
export async function takePictures({ only = '' }) {
  // The journal has who ran something, and where: in the pictures nobody in particular.
  const user = { ...os.userInfo(), username: 'ada' }
  Object.assign(load('node:os'), { hostname: () => 'ops', userInfo: () => user })
  const folder = join(os.tmpdir(), 'aludel-pictures')
  rmSync(folder, { recursive: true, force: true })
  const browser = await chromium.launchChromium()
  const optimize = await optimizer()
  const save = async (/** @type {Page} */ page, /** @type {string} */ name) => {
    await page.evaluate('document.fonts.ready')
    await page.waitForTimeout(250)
    const file = join(pictures, `web-${name}.png`)
    writeFileSync(file, await optimize(await page.screenshot()))
    console.log(`${file.slice(root.length + 1)}  ${String(Math.round(readFileSync(file).length / 1024))} KB`)
  }

  /**
   * @param {string} url
   * @param {string} token
   * @param {readonly Picture[]} some
   * @param {Date} [time] of the browser
   */
  const take = async (url, token, some, time = now) => {
    for (const theme of themes) {
      for (const [size, window] of Object.entries(windows)) {
        const wanted = some.filter(({ name }) => `${name}-${theme}-${size}`.includes(only))
        if (wanted.length === 0) continue
        const context = await browser.newContext({
          ...window,
          colorScheme: theme,
          reducedMotion: 'reduce',
          timezoneId: 'UTC',
        })
        const page = await context.newPage()
        await page.clock.setFixedTime(time)
        for (const { name, path, ready, before } of wanted) {
          await page.goto(`${url.replace(/\/$/, '')}${path}${token === '' ? '' : `#token=${token}`}`)
          // A link to the page that is open already only changes the fragment.
          await page.waitForSelector(ready)
          await before?.(page)
          await save(page, `${name}-${theme}-${size}`)
        }
        await context.close()
      }
    }
  }

  try {
    mkdirSync(pictures, { recursive: true })
    const shop = await makeShop(join(folder, 'shop'))
    await take(shop.url, '', [{ name: 'sign-in', path: '/', ready: '.gate__box' }])
    await take(shop.url, shop.token, shopPictures)
    await shop.withRun((path) =>
      take(shop.url, shop.token, [{ name: 'run', path, ready: '.run-progress .code' }], new Date(now.getTime() + 7000)),
    )
    await shop.close()
    const project = await makeCreateProject(join(folder, 'create'), serverOf)
    await take(project.url, project.token, [{ name: 'create', path: '/create', ready: '.create-form', before: answer }])
    await project.close()
    return 0
  } finally {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Answers the questions of `create`, up to the file.
 *
 * @param {Page} page
 */
async function answer(page) {
  await page.getByLabel('What has changed').fill('let customers choose how they are called')
  await page.getByRole('button', { name: 'Compare' }).click()
  await page.waitForSelector('.question')
  await page.locator('.question input[type=radio]').first().check()
  for (const field of await page.locator('.question__input').all()) await field.fill(`'web'`)
}

/**
 * @param {Record<string, unknown>} options of `createServer`
 * @returns {Promise<{ url: string, token: string, close: () => Promise<void> }>}
 */
async function serverOf(options) {
  const { createServer } = load('../../packages/web/dist/index.js')
  const server = await createServer({ port: 0, ...options })
  const url = await server.listen()
  return { url, token: server.token, close: () => server.close() }
}

/** @param {string} folder */
async function makeShop(folder) {
  const { DataSource } = load('typeorm')
  const { Migrator } = load('../../packages/engine/dist/index.js')
  writeRevisions(join(folder, 'migrations'))
  const dataSource = () => new DataSource({ type: 'better-sqlite3', database: join(folder, 'shop.db') })
  const project = { dataSource, revisions: 'migrations', root: folder, cacheDirectory: join(folder, '.cache') }
  const actors = ['deploy@ci-7', 'deploy@ci-3', 'grace@ops']
  for (const [index, revision] of revisions.slice(0, applied).entries()) {
    const time = new Date(timeOf(revision).getTime() + 86_400_000 * 1.3)
    const migrator = new Migrator({ ...project, clock: clockOf(time, index), actor: actors[index % 3] })
    await migrator.upgrade(idOf(revision.message), { backup: 'never' })
    await migrator.close()
  }
  const connection = await dataSource().initialize()
  for (const insert of rows) await connection.query(insert)
  await connection.destroy()
  for (const days of [38.4, 7.2, 0.9]) {
    const migrator = new Migrator({ ...project, clock: () => new Date(now.getTime() - days * 86_400_000) })
    await migrator.createBackup()
    await migrator.close()
  }
  const server = await serverOf({ project: { ...project, clock: clockOf(now, 11) }, reviews: reviewSource() })
  return {
    ...server,
    /**
     * Does something while a run is in the middle of its third step.
     *
     * @param {(path: string) => Promise<void>} work with the path of the run
     */
    async withRun(work) {
      const gate = join(folder, 'gate')
      const slow = revisions.find(({ message }) => message === 'totals in cents')
      if (slow === undefined) throw new Error('the revision that is waited in is missing')
      const [first = '', ...others] = slow.up
      const wait = `    const { existsSync } = await import('node:fs')
    while (!existsSync(${JSON.stringify(gate)})) await new Promise((resolve) => setTimeout(resolve, 20))\n`
      writeRevisions(join(folder, 'migrations'), [
        { ...slow, up: others, code: `    await queryRunner.query(\`${first}\`)\n${wait}` },
      ])
      const client = await signedIn(server)
      const plan = await client('GET', '/plan?direction=upgrade&target=head')
      const run = await client('POST', '/runs', {
        direction: 'upgrade',
        target: 'head',
        fingerprint: plan.fingerprint,
        confirm: 'shop.db',
      })
      await work(`/runs/${run.id}`)
      writeFileSync(gate, '')
    },
  }
}

/**
 * A clock that advances whenever it is asked, so that a run in the pictures has taken some time, the same every time.
 *
 * @param {Date} start
 * @param {number} seed
 */
function clockOf(start, seed) {
  let asked = 0
  return () => new Date(start.getTime() + asked++ * (3 + ((seed * 37) % 61)))
}

/** @param {{ url: string, token: string }} server */
async function signedIn({ url, token }) {
  const origin = new URL(url).origin
  const opened = await fetch(`${url}api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ token }),
  })
  const cookie = opened.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  let csrf = ''
  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   */
  const client = async (method, path, body) => {
    const response = await fetch(`${url}api/v1${path}`, {
      method,
      headers: {
        cookie,
        origin,
        'x-aludel-csrf': csrf,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`)
    return /** @type {any} */ (await response.json())
  }
  csrf = (await client('GET', '/session')).csrf
  return client
}

/** The reviews of `examples/reviews`, as `aludel web` has them of a database. */
function reviewSource() {
  const folder = join(root, 'examples', 'reviews')
  const statuses = ['completed', 'completed', 'in_progress', 'completed', 'pending']
  /** @type {Record<string, unknown>[]} */
  const all = []
  for (const file of readdirSync(folder).sort()) {
    /** @type {Record<string, Record<string, any>>} */
    const content = JSON.parse(readFileSync(join(folder, file), 'utf8'))
    for (const [componentId, threats] of Object.entries(content)) {
      for (const [threatId, it] of Object.entries(threats)) {
        // The fonts of the pictures have Latin letters alone.
        if (/[^\p{Script=Latin}\p{Script=Common}]/u.test(JSON.stringify(it))) continue
        const index = all.length
        all.push({
          id: `review-${String(index)}`,
          analysisId: file.replace('_reviews.json', ''),
          componentId,
          threatId,
          originalDecision: it['original_decision'],
          finalDecision: it['final_decision'],
          reviewer: it['reviewer'],
          justification: it['justification'],
          additionalNotes: it['additional_notes'] ?? null,
          reviewDate: it['review_date'],
          evidenceReferences: it['evidence_references'],
          status: statuses[index % statuses.length],
          updatedAt: new Date(now.getTime() - index * 9 * 86_400_000).toISOString(),
        })
      }
    }
  }
  const counts = { pending: 0, in_progress: 0, completed: 0 }
  for (const { status } of all) counts[/** @type {keyof typeof counts} */ (status)] += 1
  return {
    list: async (/** @type {{ status?: string }} */ { status }) => ({
      reviews: all.filter((it) => status === undefined || it['status'] === status),
      next: null,
      counts,
    }),
    get: async (/** @type {string} */ id) => all.find((it) => it['id'] === id) ?? null,
  }
}
