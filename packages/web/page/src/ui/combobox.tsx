import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks'
import { hasWords, wordsOf } from '../model/search'
import { Icon } from './icon'

export interface ComboOption {
  /** What is chosen. */
  readonly value: string
  readonly label: string
  readonly detail?: ComponentChildren
  /** What it is found by, besides its value and its label. */
  readonly words?: string
}

/** Of many options, how many are listed: one types to see others. */
const mostListed = 60

/** A field in which one may type, with a list of what there is to choose. */
export function Combobox({
  label,
  value,
  options,
  placeholder,
  onChoose,
}: {
  label: string
  /** What is chosen now. */
  value: string
  options: readonly ComboOption[]
  placeholder?: string
  /** With what was chosen from the list, or typed. */
  onChoose: (value: string) => void
}) {
  const id = useId()
  const typed = useSignal<string | undefined>(undefined)
  const active = useSignal(0)
  const open = useSignal(false)
  const list = useRef<HTMLUListElement>(null)
  const field = useRef<HTMLInputElement>(null)

  const words = wordsOf(typed.value ?? '')
  const found = options
    .filter((option) => hasWords(`${option.value} ${option.label} ${option.words ?? ''}`.toLowerCase(), words))
    .slice(0, mostListed)
  const shown = options.find((option) => option.value === value)?.label ?? value

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [active.value, open.value])

  // Who is there before the value was read replaces it by typing, too: also with a key that is pressed before it is drawn.
  useLayoutEffect(() => {
    if (document.activeElement === field.current && typed.value === undefined) field.current?.select()
  }, [shown])

  const close = (): void => {
    open.value = false
    typed.value = undefined
  }
  const choose = (chosen: string): void => {
    close()
    if (chosen !== '' && chosen !== value) onChoose(chosen)
  }
  const show = (): void => {
    if (open.value) return
    open.value = true
    active.value = Math.max(
      0,
      found.findIndex((option) => option.value === value),
    )
  }
  return (
    <div class="combobox">
      <input
        ref={field}
        class="input"
        role="combobox"
        aria-label={label}
        aria-expanded={open.value}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={open.value && found.length > 0 ? `${id}-${String(active.value)}` : undefined}
        autocomplete="off"
        spellcheck={false}
        placeholder={placeholder}
        value={typed.value ?? shown}
        onFocus={(event) => {
          event.currentTarget.select()
        }}
        onClick={show}
        onInput={(event) => {
          typed.value = event.currentTarget.value
          open.value = true
          active.value = 0
        }}
        onBlur={close}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            event.preventDefault()
            if (!open.value) {
              show()
              return
            }
            const step = event.key === 'ArrowDown' ? 1 : -1
            active.value = (active.value + step + found.length) % Math.max(1, found.length)
          } else if (event.key === 'Enter') {
            event.preventDefault()
            if (open.value) choose(found[active.value]?.value ?? typed.value?.trim() ?? '')
          } else if (event.key === 'Escape' && open.value) {
            event.preventDefault()
            event.stopPropagation()
            close()
          }
        }}
      />
      <Icon name="chevronDown" size={14} class="combobox__chevron" />
      <ul
        ref={list}
        id={`${id}-list`}
        class="combobox__list"
        role="listbox"
        aria-label={label}
        hidden={!open.value}
        // The field would lose the focus, and close, before the click.
        onPointerDown={(event) => {
          event.preventDefault()
        }}
      >
        {found.map((option, index) => (
          <li
            key={option.value}
            id={`${id}-${String(index)}`}
            class="combobox__option"
            role="option"
            aria-selected={index === active.value}
            onPointerMove={() => {
              active.value = index
            }}
            onClick={() => {
              choose(option.value)
            }}
          >
            <span class="truncate">{option.label}</span>
            {option.detail !== undefined && <span class="combobox__detail">{option.detail}</span>}
          </li>
        ))}
        {found.length === 0 && (
          <li class="combobox__none" role="option" aria-selected={false} aria-disabled="true">
            Enter takes it as typed
          </li>
        )}
      </ul>
    </div>
  )
}
