import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { Button } from './parts'

/**
 * A question above the page. The browser's own modal dialog: nothing else can be reached meanwhile, Esc closes it, and the focus
 * goes back to where it was.
 */
export function Dialog({
  title,
  children,
  foot,
  wide = false,
  onClose,
}: {
  title: string
  children: ComponentChildren
  foot?: ComponentChildren
  wide?: boolean
  /** Absent for one that only an answer closes. */
  onClose?: (() => void) | undefined
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const isGone = useRef(false)
  const titleId = useId()
  const show = (): void => {
    dialog.current?.showModal()
    // Not the button that closes it.
    dialog.current?.querySelector<HTMLElement>('[data-autofocus]')?.focus()
  }
  useEffect(() => {
    const before = document.activeElement
    const element = dialog.current
    show()
    return () => {
      isGone.current = true
      element?.close()
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      class={wide ? 'dialog dialog--wide' : 'dialog'}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault()
        onClose?.()
      }}
      onClose={() => {
        // Browsers report it a moment later: by then the next dialog may be open.
        if (isGone.current) return
        // Browsers close it after a second Esc, whatever the page says to the first.
        if (onClose === undefined) show()
        else onClose()
      }}
      onPointerDown={(event) => {
        if (event.target === dialog.current) onClose?.()
      }}
    >
      <div class="dialog__head">
        <h2 id={titleId}>{title}</h2>
        {onClose !== undefined && <Button kind="quiet" icon="cross" label="Close" onClick={onClose} />}
      </div>
      <div class="dialog__body">{children}</div>
      {foot !== undefined && <div class="dialog__foot">{foot}</div>}
    </dialog>
  )
}
