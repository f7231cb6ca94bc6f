import { signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { useLocation } from 'wouter-preact'
import { session } from '../api/session'
import { Dialog } from '../ui/dialog'
import { Checkbox } from '../ui/fields'
import { lazyInside } from '../ui/lazy'
import { pagesOf } from './routes'

const key = 'aludel-shortcuts'

/** Whether the help is shown. */
export const shortcutsShown = signal(false)

/** Whether the field that leads anywhere is shown. */
export const paletteShown = signal(false)

const Palette = lazyInside(() => import('./palette'), 'Palette')

/** The key that browsers of this system use for their own. */
export const commandKey = /Mac|iP(?:hone|ad)/.test(navigator.userAgent) ? '⌘' : 'Ctrl'

/** Keys that work anywhere: `/` to search, `g` and a letter for a page, `?` for help. They can be turned off. */
export function Shortcuts() {
  const [, navigate] = useLocation()
  const enabled = useSignal(isEnabled())
  useEffect(() => {
    let afterG = 0
    const onKey = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key === 'k' && document.querySelector('dialog[open]') === null) {
        event.preventDefault()
        paletteShown.value = true
        return
      }
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return
      if (document.querySelector('dialog[open]') !== null) return
      if (!enabled.value) return
      if (event.key === '?') {
        shortcutsShown.value = true
      } else if (event.key === '/') {
        const field = document.querySelector<HTMLInputElement>('[data-shortcut="/"]')
        if (field === null) return
        event.preventDefault()
        field.focus()
        field.select()
      } else if (event.key === 'g') {
        afterG = event.timeStamp
      } else if (event.timeStamp - afterG < 1_500) {
        afterG = 0
        const page = pagesOf(session.value).find((it) => it.shortcut === event.key)
        if (page !== undefined) navigate(page.href)
      }
    }
    addEventListener('keydown', onKey)
    return () => {
      removeEventListener('keydown', onKey)
    }
  }, [])
  if (paletteShown.value) {
    return (
      <Palette
        onClose={() => {
          paletteShown.value = false
        }}
      />
    )
  }
  if (!shortcutsShown.value) return null
  return (
    <Dialog
      title="Keyboard"
      onClose={() => {
        shortcutsShown.value = false
      }}
    >
      <dl class="shortcuts">
        {pagesOf(session.value).map((page) => (
          <div key={page.href}>
            <dt>{page.label}</dt>
            <dd>
              <kbd>g</kbd> <kbd>{page.shortcut}</kbd>
            </dd>
          </div>
        ))}
        <div>
          <dt>Any page, revision or table</dt>
          <dd>
            <kbd>{commandKey}</kbd> <kbd>K</kbd>
          </dd>
        </div>
        <div>
          <dt>Search on this page</dt>
          <dd>
            <kbd>/</kbd>
          </dd>
        </div>
        <div>
          <dt>Move in a list</dt>
          <dd>
            <kbd>↑</kbd> <kbd>↓</kbd> <kbd>Home</kbd> <kbd>End</kbd>
          </dd>
        </div>
        <div>
          <dt>Open · close</dt>
          <dd>
            <kbd>Enter</kbd> <kbd>Esc</kbd>
          </dd>
        </div>
        <div>
          <dt>This help</dt>
          <dd>
            <kbd>?</kbd>
          </dd>
        </div>
      </dl>
      <Checkbox
        checked={enabled.value}
        onChange={(checked) => {
          enabled.value = checked
          remember(checked)
        }}
      >
        Single keys lead somewhere
      </Checkbox>
    </Dialog>
  )
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null
}

function isEnabled(): boolean {
  try {
    return localStorage.getItem(key) !== 'off'
  } catch {
    return true
  }
}

function remember(enabled: boolean): void {
  try {
    if (enabled) localStorage.removeItem(key)
    else localStorage.setItem(key, 'off')
  } catch {
    // Storage is off: the choice lasts as long as the page.
  }
}
