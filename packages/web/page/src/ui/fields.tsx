import type { ComponentChildren, JSX } from 'preact'
import { useId } from 'preact/hooks'
import { Icon } from './icon'

interface Parts {
  readonly id: string
  readonly 'aria-describedby': string | undefined
  readonly 'aria-invalid': boolean | undefined
}

/** A label, something to fill in, and what is wrong with it. */
export function Field({
  label,
  hint,
  error,
  children,
}: {
  label: ComponentChildren
  hint?: ComponentChildren
  error?: string | undefined
  children: (parts: Parts) => ComponentChildren
}) {
  const id = useId()
  const described = error !== undefined || hint !== undefined ? `${id}-hint` : undefined
  return (
    <div class="field">
      <label class="field__label" for={id}>
        {label}
      </label>
      {children({ id, 'aria-describedby': described, 'aria-invalid': error === undefined ? undefined : true })}
      {error !== undefined ? (
        <p id={described} class="field__error" role="alert">
          {error}
        </p>
      ) : (
        hint !== undefined && (
          <p id={described} class="field__hint">
            {hint}
          </p>
        )
      )}
    </div>
  )
}

/** One of a few, all of them visible. Arrow keys move between them. */
export function Segments<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string
  value: T
  options: readonly { readonly value: T; readonly label: string; readonly count?: number | undefined }[]
  onChange: (value: T) => void
}) {
  const move = (event: JSX.TargetedKeyboardEvent<HTMLDivElement>): void => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const index = options.findIndex((it) => it.value === value)
    const next = options[(index + step + options.length) % options.length]
    if (next === undefined) return
    onChange(next.value)
    const buttons = event.currentTarget.querySelectorAll('button')
    buttons[options.indexOf(next)]?.focus()
  }
  return (
    <div class="segments" role="radiogroup" aria-label={label} onKeyDown={move}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          class="segments__item"
          role="radio"
          aria-checked={option.value === value}
          tabIndex={option.value === value ? 0 : -1}
          onClick={() => {
            onChange(option.value)
          }}
        >
          {option.label}
          {option.count !== undefined && <span class="segments__count">{option.count.toLocaleString('en-US')}</span>}
        </button>
      ))}
    </div>
  )
}

/** A field that filters what is below it. */
export function SearchField({
  label,
  value,
  placeholder,
  shortcut = false,
  onInput,
  onKeyDown,
}: {
  label: string
  value: string
  placeholder: string
  /** Shows that `/` leads here. */
  shortcut?: boolean
  onInput: (value: string) => void
  onKeyDown?: (event: JSX.TargetedKeyboardEvent<HTMLInputElement>) => void
}) {
  return (
    <div class="input-group search-field">
      <Icon name="search" />
      <input
        class="input"
        type="search"
        aria-label={label}
        placeholder={placeholder}
        value={value}
        autocomplete="off"
        spellcheck={false}
        data-shortcut={shortcut ? '/' : undefined}
        onInput={(event) => {
          onInput(event.currentTarget.value)
        }}
        onKeyDown={onKeyDown}
      />
      {shortcut && value === '' && <kbd aria-hidden="true">/</kbd>}
    </div>
  )
}

export function Checkbox({
  checked,
  onChange,
  children,
}: {
  checked: boolean
  onChange: (checked: boolean) => void
  children: ComponentChildren
}) {
  return (
    <label class="choice">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => {
          onChange(event.currentTarget.checked)
        }}
      />
      <span>{children}</span>
    </label>
  )
}

/** Tabs over one panel. Arrow keys move between them. */
export function Tabs<T extends string>({
  label,
  value,
  options,
  panel,
  onChange,
}: {
  label: string
  value: T
  options: readonly { readonly value: T; readonly label: ComponentChildren }[]
  /** Id of the element that shows what is chosen. */
  panel: string
  onChange: (value: T) => void
}) {
  return (
    <div
      class="tabs"
      role="tablist"
      aria-label={label}
      onKeyDown={(event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
        if (step === undefined) return
        event.preventDefault()
        const index = options.findIndex((it) => it.value === value)
        const next = options[(index + step + options.length) % options.length]
        if (next === undefined) return
        onChange(next.value)
        event.currentTarget.querySelectorAll('button')[options.indexOf(next)]?.focus()
      }}
    >
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          class="tabs__item"
          role="tab"
          id={`${panel}-${option.value}`}
          aria-selected={option.value === value}
          aria-controls={option.value === value ? panel : undefined}
          tabIndex={option.value === value ? 0 : -1}
          onClick={() => {
            onChange(option.value)
          }}
        >
          {option.label}
        </button>
      ))}
    </div>
  )
}
