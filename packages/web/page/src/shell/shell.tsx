import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { Link, Route, Switch, useLocation } from 'wouter-preact'
import { session } from '../api/session'
import { thousands } from '../model/format'
import { Overview } from '../pages/overview/overview'
import { Dialog } from '../ui/dialog'
import { Icon, Mark } from '../ui/icon'
import { Empty } from '../ui/parts'
import { lazy } from '../ui/lazy'
import { PageHead } from '../ui/page'
import { ConnectionBanner } from './banner'
import { Account, ThemeSwitch } from './account'
import { isCurrent, pagesOf } from './routes'
import type { PageLink } from './routes'
import { RunStrip } from './run-strip'
import { Shortcuts, commandKey, paletteShown } from './shortcuts'
import { StateLine } from './state-line'
import { useFreshPages, useStatus } from './status'

const History = lazy(() => import('../pages/history/history'), 'History')
const PlanPage = lazy(() => import('../pages/plan/plan'), 'PlanPage')
const RunPage = lazy(() => import('../pages/run/run'), 'RunPage')
const Journal = lazy(() => import('../pages/journal/journal'), 'Journal')
const Schema = lazy(() => import('../pages/schema/schema'), 'Schema')
const Backups = lazy(() => import('../pages/backups/backups'), 'Backups')
const Create = lazy(() => import('../pages/create/create'), 'Create')
const Reviews = lazy(() => import('../pages/reviews/reviews'), 'Reviews')

/** The pages that are loaded when they are shown, by the first part of their paths. */
const lazyPages: Readonly<Record<string, { readonly preload: () => void } | undefined>> = {
  history: History,
  plan: PlanPage,
  runs: RunPage,
  schema: Schema,
  create: Create,
  backups: Backups,
  reviews: Reviews,
  journal: Journal,
}

/** Loads the page of a path while the server is still asked who may see it. */
export function preloadPage(path: string): void {
  lazyPages[path.split('/')[1] ?? '']?.preload()
}

/** The navigation, and the page beside it. */
export function Shell() {
  const [location] = useLocation()
  const main = useRef<HTMLElement>(null)
  const page = location.split('/')[1] ?? ''
  const first = useRef(true)
  useFreshPages()
  // Who came here by a link hears the new page, and starts at its top.
  useEffect(() => {
    if (!first.current) {
      main.current?.focus({ preventScroll: true })
      scrollTo(0, 0)
    }
    first.current = false
  }, [page])
  return (
    <div class="shell">
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          // Not into the address, which the router reads.
          event.preventDefault()
          main.current?.focus()
        }}
      >
        Skip to content
      </a>
      <Navigation location={location} />
      <TopBar />
      <div class="shell__main">
        <ConnectionBanner />
        <RunStrip location={location} />
        <main id="main" ref={main} tabIndex={-1} class={`page page--${page === '' ? 'overview' : page}`}>
          <Switch>
            <Route path="/" component={Overview} />
            <Route path="/history/:revision?" component={History} />
            <Route path="/plan" component={PlanPage} />
            <Route path="/runs/:id" component={RunPage} />
            <Route path="/schema" component={Schema} />
            <Route path="/create" component={Create} />
            <Route path="/backups/:id?" component={Backups} />
            <Route path="/reviews/:id?" component={Reviews} />
            <Route path="/journal" component={Journal} />
            <Route>
              <NotFound />
            </Route>
          </Switch>
        </main>
      </div>
      <BottomTabs location={location} />
      <Shortcuts />
    </div>
  )
}

function NotFound() {
  return (
    <>
      <PageHead title="There is no such page" />
      <div class="card">
        <Empty icon="search" title="Nothing is at this address" actions={<Link href="/">Go to the overview</Link>} />
      </div>
    </>
  )
}

/** Beside the page, on screens that are wide enough. */
function Navigation({ location }: { location: string }) {
  return (
    <header class="nav">
      <Link href="/" class="nav__brand" aria-label="Aludel: overview">
        <Mark />
        <span>Aludel</span>
      </Link>
      <DatabaseBlock />
      <button
        type="button"
        class="nav__search"
        aria-haspopup="dialog"
        onClick={() => {
          paletteShown.value = true
        }}
      >
        <Icon name="search" />
        Go to
        <kbd aria-hidden="true">{commandKey} K</kbd>
      </button>
      <nav class="nav__pages" aria-label="Pages">
        {pagesOf(session.value).map((page) => (
          <NavLink key={page.href} page={page} location={location} />
        ))}
      </nav>
      <div class="nav__foot">
        <ThemeSwitch />
        <Account />
      </div>
    </header>
  )
}

function NavLink({ page, location }: { page: PageLink; location: string }) {
  const status = useStatus().data.value
  const pending = page.href === '/plan' ? (status?.pending ?? 0) : 0
  return (
    <Link href={page.href} class="nav__link" aria-current={isCurrent(page.href, location) ? 'page' : undefined}>
      <Icon name={page.icon} />
      <span>{page.label}</span>
      {pending > 0 && (
        <span class="nav__count">
          {thousands(pending)}
          <span class="visually-hidden"> {pending === 1 ? 'revision' : 'revisions'} pending</span>
        </span>
      )}
    </Link>
  )
}

/** Which database this is, and where it is: on every page. */
function DatabaseBlock() {
  const database = session.value?.database
  return (
    <div class="nav__database">
      <Icon name="database" />
      <div class="nav__database-text">
        <p class="truncate" title={database?.name}>
          <strong>{session.value?.typedName ?? 'No database'}</strong>
        </p>
        <StateLine />
      </div>
    </div>
  )
}

/** On a phone: which database this is. */
function TopBar() {
  const database = session.value?.database
  return (
    <header class="top-bar">
      <Link href="/" aria-label="Aludel: overview" class="top-bar__mark">
        <Mark size={22} />
      </Link>
      <p class="truncate" title={database?.name}>
        <strong>{session.value?.typedName ?? 'No database'}</strong>
      </p>
      <div class="push">
        <StateLine />
      </div>
    </header>
  )
}

/** On a phone: where a thumb reaches. */
function BottomTabs({ location }: { location: string }) {
  const pages = pagesOf(session.value)
  const open = useSignal(false)
  useEffect(() => {
    open.value = false
  }, [location])
  const [shown, more] = [pages.slice(0, 4), pages.slice(4)]
  return (
    <nav class="bottom-tabs" aria-label="Pages">
      {shown.map((page) => (
        <Link
          key={page.href}
          href={page.href}
          class="bottom-tabs__item"
          aria-current={isCurrent(page.href, location) ? 'page' : undefined}
        >
          <Icon name={page.icon} size={20} />
          {page.label}
        </Link>
      ))}
      <button
        type="button"
        class="bottom-tabs__item"
        aria-haspopup="dialog"
        aria-current={more.some((page) => isCurrent(page.href, location)) ? 'page' : undefined}
        onClick={() => {
          open.value = true
        }}
      >
        <Icon name="more" size={20} />
        More
      </button>
      {open.value && (
        <Dialog
          title="More"
          onClose={() => {
            open.value = false
          }}
        >
          <div class="more">
            {more.map((page) => (
              <NavLink key={page.href} page={page} location={location} />
            ))}
          </div>
          <div class="more__foot">
            <ThemeSwitch />
            <Account />
          </div>
        </Dialog>
      )}
    </nav>
  )
}
