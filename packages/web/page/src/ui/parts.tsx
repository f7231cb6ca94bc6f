import type { ComponentChildren, JSX } from 'preact'
import { Icon } from './icon'
import type { IconName } from './icon'

/** A color with its meaning: see `styles/tokens.css`. */
export type Tone = 'blue' | 'green' | 'violet' | 'amber' | 'red'

/** Names of classes, without those that do not apply. */
export function names(...all: readonly (string | false | undefined)[]): string {
  return all.filter((name) => name !== undefined && name !== false && name !== '').join(' ')
}

export function Tag({
  tone,
  icon,
  title,
  children,
}: {
  tone?: Tone | undefined
  icon?: IconName
  title?: string
  children: ComponentChildren
}) {
  return (
    <span class={tone === undefined ? 'tag' : `tag tag--${tone}`} title={title}>
      {icon !== undefined && <Icon name={icon} size={12} />}
      {children}
    </span>
  )
}

interface ButtonProps extends Omit<JSX.ButtonHTMLAttributes, 'size' | 'icon' | 'class'> {
  class?: string | undefined
  kind?: 'primary' | 'danger' | 'quiet' | undefined
  size?: 'small' | 'large'
  icon?: IconName | undefined
  /** With an icon and no children: what it does, in words. */
  label?: string
  /** Shows that it is at work, and does nothing meanwhile. */
  busy?: boolean | undefined
  /** Why it cannot be used now. It stays reachable by keyboard, so that the reason can be read. */
  blocked?: string | undefined
}

export function Button(props: ButtonProps) {
  const { kind, size, icon, label, busy, blocked, children, onClick, class: extra, ...rest } = props
  const isIcon = children === undefined
  return (
    <button
      type="button"
      {...rest}
      class={names('button', kind && `button--${kind}`, size && `button--${size}`, isIcon && 'button--icon', extra)}
      aria-label={isIcon ? label : undefined}
      title={blocked ?? (isIcon ? label : rest.title)}
      aria-disabled={blocked !== undefined || busy ? true : undefined}
      aria-busy={busy ? true : undefined}
      onClick={(event) => {
        if (blocked === undefined && !busy) onClick?.(event)
        else event.preventDefault()
      }}
    >
      {busy ? <span class="spinner" /> : icon !== undefined && <Icon name={icon} />}
      {children}
    </button>
  )
}

/** Ends what is at work, and then goes away: it gives the focus to the button behind it, which began the work. */
export function StopButton({ stop }: { stop: () => void }) {
  return (
    <Button
      size="small"
      onClick={(event) => {
        const next = event.currentTarget.nextElementSibling
        if (next instanceof HTMLElement) next.focus()
        stop()
      }}
    >
      Stop
    </Button>
  )
}

const noticeIcons: Record<Tone, IconName> = {
  blue: 'info',
  green: 'checkCircle',
  violet: 'info',
  amber: 'warning',
  red: 'crossCircle',
}

/** Something to know before anything else, with what to do about it. */
export function Notice({
  tone,
  title,
  children,
  icon,
  role,
}: {
  tone?: Tone | undefined
  title: ComponentChildren
  children?: ComponentChildren
  icon?: IconName
  role?: 'alert' | 'status'
}) {
  return (
    <div class={tone === undefined ? 'notice' : `notice notice--${tone}`} role={role}>
      <Icon name={icon ?? noticeIcons[tone ?? 'blue']} />
      <div class="notice__body">
        <p class="notice__title">{title}</p>
        {children}
      </div>
    </div>
  )
}

/** There is nothing to show, and why, and what to do. */
export function Empty({
  icon,
  title,
  children,
  actions,
}: {
  icon: IconName
  title: ComponentChildren
  children?: ComponentChildren
  actions?: ComponentChildren
}) {
  return (
    <div class="empty">
      <Icon name={icon} size={24} />
      <p class="empty__title">{title}</p>
      {children !== undefined && <div class="empty__text">{children}</div>}
      {actions !== undefined && <div class="empty__actions">{actions}</div>}
    </div>
  )
}

/** A list of effects, each with the same picture. */
export function Effects({ items, icon, tone }: { items: readonly ComponentChildren[]; icon: IconName; tone?: Tone }) {
  return (
    <ul class={tone === undefined ? 'effects' : `effects effects--${tone}`}>
      {items.map((item, index) => (
        <li key={index}>
          <Icon name={icon} />
          <span>{item}</span>
        </li>
      ))}
    </ul>
  )
}

/** Space that something will fill, so that nothing moves when it comes. Widths in percent. */
export function Skeleton({ widths, height = '0.875rem' }: { widths: readonly number[]; height?: string }) {
  return (
    <div class="stack" style={{ '--stack-gap': 'var(--space-3)' }} aria-hidden="true">
      {widths.map((width, index) => (
        <span key={index} class="skeleton" style={{ width: `${String(width)}%`, height }} />
      ))}
    </div>
  )
}

/** How far something is: from 0 to 1, or null if that is not known. */
export function Progress({ value, label, tone }: { value: number | null; label: string; tone?: Tone | undefined }) {
  return (
    <div
      class={names('progress', value === null && 'progress--unknown', tone && `progress--${tone}`)}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={value === null ? undefined : Math.round(value * 100)}
    >
      <div class="progress__bar" style={value === null ? undefined : { transform: `scaleX(${String(value)})` }} />
    </div>
  )
}
