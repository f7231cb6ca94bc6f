import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'

import type { Browser, BrowserContext, BrowserContextOptions, Page, Route } from 'playwright-core'

import { findChromium, launchChromium } from '../../../../tools/testing/chromium.cjs'
import type { DialectName } from '../../../../tools/testing/databases'
import { WebProject } from '../support/project'

/** The page as users get it. */
export const builtPage = path.join(__dirname, '../../dist/page')

const found = findChromium()
const isRequired = process.env['ALUDEL_BROWSER_TESTS'] === 'required'

if ('missing' in found && !isRequired) {
  // eslint-disable-next-line no-console -- nobody should believe that they have run
  console.warn(
    `The tests in a browser are SKIPPED: ${found.missing}. Install Chromium, or set ALUDEL_CHROMIUM to its path.`,
  )
}

/** Tests that need a browser: skipped with a warning where there is none, unless ALUDEL_BROWSER_TESTS is `required`. */
export const describeInBrowser = 'missing' in found && !isRequired ? describe.skip : describe

/** Whether everything is tested: `npm run test:all`. Otherwise what takes long is done once, or with less. */
export const isThorough = process.env['ALUDEL_TEST_SCOPE'] === 'all'

/** Sizes of windows. */
export const windows = { laptop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const

/** Longest wait for what a page shows: far below the time of a test, so that a failure names what was waited for. */
const patience = 45_000

/**
 * Waits until an expression is true in the page. `waitForFunction` would evaluate text in the page each time it looks again, which
 * the content security policy of the page does not allow.
 */
export async function until(page: Page, expression: string): Promise<void> {
  const started = performance.now()
  while (!(await page.evaluate<boolean>(expression))) {
    if (performance.now() - started > patience) throw new Error(`this did not become true: ${expression}`)
    await page.waitForTimeout(50)
  }
}

/** Waits until the field of a dialog has the focus: what is typed before is lost. */
export function dialogIsReady(page: Page): Promise<void> {
  return until(page, "document.activeElement?.closest('dialog') !== null && document.activeElement.matches('input')")
}

/** A browser for the tests of a file, and what its pages have complained about. */
export class TestBrowser {
  readonly #contexts: BrowserContext[] = []
  /** Errors of scripts, and violations of the content security policy: each is a failure. */
  readonly complaints: string[] = []

  private constructor(readonly browser: Browser) {}

  static async launch(): Promise<TestBrowser> {
    return new TestBrowser(await launchChromium())
  }

  /** A person with cookies of their own. */
  async visitor(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.browser.newContext({ viewport: windows.laptop, ...options })
    this.#contexts.push(context)
    context.setDefaultTimeout(patience)
    context.on('weberror', (error) => this.complaints.push(String(error.error().stack)))
    context.on('console', (message) => {
      // Answers such as 401 are part of the tests.
      if (message.type() !== 'error' || message.text().startsWith('Failed to load resource')) return
      this.complaints.push(message.text())
    })
    return context
  }

  /** Opens a page of the server with the link that it prints: the visitor is signed in. */
  async open(url: string, token: string, where = '/', options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.visitor(options)
    const page = await context.newPage()
    // A test that goes elsewhere before would cancel the request, and be asked for the token there.
    const signedIn = page.waitForResponse((one) => one.request().method() === 'POST' && one.url().endsWith('/session'))
    await page.goto(`${url.replace(/\/$/, '')}${where}#token=${token}`)
    await signedIn
    return page
  }

  /** Closes the pages of a test; fails if one has complained. */
  async clear(): Promise<void> {
    for (const context of this.#contexts.splice(0)) await context.close()
    expect(this.complaints.splice(0)).toEqual([])
  }

  close(): Promise<void> {
    return this.browser.close()
  }
}

/** A browser for a suite, and a project of its own for each of its tests. */
export class Suite {
  #browser: TestBrowser | undefined
  #project: WebProject | undefined

  /** @param write writes the revisions of a new project */
  constructor(dialect: DialectName, write: (project: WebProject) => void) {
    beforeAll(async () => {
      this.#browser = await TestBrowser.launch()
    })
    beforeEach(async () => {
      this.#project = await WebProject.make(dialect)
      write(this.#project)
    })
    afterEach(async () => {
      rmSync(this.gate, { force: true })
      await this.browser.clear()
      await this.project.remove()
    })
    afterAll(() => this.browser.close())
  }

  get browser(): TestBrowser {
    if (this.#browser === undefined) throw new Error('the suite has not begun')
    return this.#browser
  }

  get project(): WebProject {
    if (this.#project === undefined) throw new Error('no test has begun')
    return this.#project
  }

  /** The file for which a revision with the code of `waitFor` waits. */
  get gate(): string {
    return path.join(this.project.folder, 'gate')
  }
}

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[]
}

/** What axe finds on a page, of the rules of WCAG 2.2 A and AA and of good practice, in words. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  // A theme that was just switched is between two colors for a moment.
  await page.evaluate(`Promise.all(document.getAnimations()
    .filter((animation) => animation.effect?.getTiming().iterations !== Infinity)
    .map((animation) => animation.finished.catch(() => null)))`)
  const violations = await page.evaluate<readonly Violation[]>(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)`,
  )
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.map(String).join(' ')}: ${failureSummary ?? ''}`),
  )
}

/** Fails unless a page that has come to rest is accessible and fits, in both themes, on both windows. */
export async function expectAccessible(page: Page): Promise<void> {
  await until(page, `document.querySelectorAll('[aria-busy=true], .spinner').length === 0`)
  for (const size of [windows.laptop, windows.phone])
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize(size)
      await page.emulateMedia({ colorScheme })
      expect(await axeFindings(page)).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    }
  await page.setViewportSize(windows.laptop)
}

/** Keeps requests until the returned function is called. */
export async function hold(page: Page | BrowserContext, url: string): Promise<() => Promise<void>> {
  const held: Route[] = []
  await page.route(url, (route) => void held.push(route))
  return async () => {
    await page.unroute(url)
    for (const route of held) await route.continue().catch(() => undefined)
  }
}
