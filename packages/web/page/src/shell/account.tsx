import { isPartOfApplication } from '../api/base'
import { session, signOut } from '../api/session'
import { failureOf } from '../api/failure'
import { sentence } from '../model/format'
import { Icon } from '../ui/icon'
import type { IconName } from '../ui/icon'
import { Button, Tag } from '../ui/parts'
import { toast } from '../ui/toasts'
import { shortcutsShown } from './shortcuts'
import { theme } from './theme'
import type { Theme } from './theme'

const themes: readonly { readonly value: Theme; readonly label: string; readonly icon: IconName }[] = [
  { value: 'system', label: 'Theme of the system', icon: 'screen' },
  { value: 'light', label: 'Light theme', icon: 'sun' },
  { value: 'dark', label: 'Dark theme', icon: 'moon' },
]

export function ThemeSwitch() {
  return (
    <div class="theme-switch" role="group" aria-label="Theme">
      {themes.map(({ value, label, icon }) => (
        <button
          key={value}
          type="button"
          class="theme-switch__item"
          aria-pressed={theme.value === value}
          aria-label={label}
          title={label}
          onClick={() => {
            theme.value = value
          }}
        >
          <Icon name={icon} size={14} />
        </button>
      ))}
    </div>
  )
}

/** As whom runs from here are recorded, and the way out, if it is here. */
export function Account() {
  const signedIn = session.value
  return (
    <div class="account">
      <div class="account__text">
        <p class="truncate" title={`Runs from here are recorded as ${signedIn?.actor ?? ''}`}>
          {signedIn?.actor}
        </p>
        <p class="account__version">
          {signedIn?.readOnly === true ? <Tag icon="eye">Read-only</Tag> : `Aludel ${signedIn?.version ?? ''}`}
        </p>
      </div>
      <Button
        kind="quiet"
        size="small"
        icon="keyboard"
        label="Keyboard"
        onClick={() => {
          shortcutsShown.value = true
        }}
      />
      {!isPartOfApplication && (
        <Button
          kind="quiet"
          size="small"
          icon="signOut"
          label="Sign out"
          onClick={() => {
            signOut().catch((error: unknown) => {
              toast(sentence(failureOf(error).message), 'warning')
            })
          }}
        />
      )}
    </div>
  )
}
