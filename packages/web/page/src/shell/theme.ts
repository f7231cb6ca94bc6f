import { effect, signal } from '@preact/signals'

export type Theme = 'system' | 'light' | 'dark'

const key = 'aludel-theme'

/** The chosen theme; `early.js` has set it before the first paint. */
export const theme = signal<Theme>(stored())

effect(() => {
  const { dataset } = document.documentElement
  if (theme.value === 'system') delete dataset['theme']
  else dataset['theme'] = theme.value
  try {
    if (theme.value === 'system') localStorage.removeItem(key)
    else localStorage.setItem(key, theme.value)
  } catch {
    // Storage is off: the choice lasts as long as the page.
  }
})

function stored(): Theme {
  const chosen = document.documentElement.dataset['theme']
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system'
}
