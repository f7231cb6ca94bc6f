import { Button } from './parts'
import { toast } from './toasts'

/** Copies a text, or says why not: a page over plain HTTP has no clipboard. */
export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    toast(`Copied ${what}`)
  } catch {
    toast('This browser does not let the page copy', 'warning')
  }
}

/** A command for a terminal, with a button that copies it. */
export function Command({ children }: { children: string }) {
  return (
    <div class="command">
      <span class="command__prompt" aria-hidden="true">
        $
      </span>
      <code>{children}</code>
      <Button
        kind="quiet"
        size="small"
        icon="copy"
        label={`Copy ${children}`}
        onClick={() => void copy(children, 'the command')}
      />
    </div>
  )
}
