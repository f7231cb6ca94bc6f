import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { failureOf } from '../api/failure'
import type { Failure } from '../api/failure'
import { retry } from '../api/connection'
import { isPartOfApplication } from '../api/base'
import { findSession, session, signIn, startFailure } from '../api/session'
import { late } from '../api/waiting'
import { sentence } from '../model/format'
import { Command } from '../ui/copy'
import { Dialog } from '../ui/dialog'
import { FailureNotice, Help } from '../ui/failure'
import { Field } from '../ui/fields'
import { Icon, Mark } from '../ui/icon'
import { Button } from '../ui/parts'

/** Before anything is known, and as long as the server takes to answer. `index.html` has the same. */
export function Starting() {
  const isLate = late.value.length > 0
  return (
    <div class="shell" aria-busy="true">
      <header class="nav">
        <p class="nav__brand">
          <Mark />
          <span>Aludel</span>
        </p>
      </header>
      <header class="top-bar">
        <strong>Aludel</strong>
      </header>
      <div class="shell__main">
        <main class="page">
          <h1 class="visually-hidden">Aludel</h1>
          <div class="starting">
            <span class="skeleton" />
            <p class={isLate ? 'muted' : 'visually-hidden'} role="status">
              {isLate ? 'The server has not answered yet: it is busy, or its database does not answer.' : 'Loading'}
            </p>
            <span class="skeleton" />
            <span class="skeleton" />
            <span class="skeleton" />
          </div>
        </main>
      </div>
    </div>
  )
}

/** In place of the page, for who has no session. */
export function SignIn() {
  useEffect(() => {
    document.title = 'Sign in · Aludel'
  }, [])
  return (
    <main class="gate">
      <div class="gate__box">
        <div class="gate__brand">
          <Mark size={40} />
          <h1>Aludel</h1>
        </div>
        {isPartOfApplication ? <SignInElsewhere /> : <SignInHere />}
      </div>
    </main>
  )
}

function SignInHere() {
  return (
    <>
      <p class="muted">
        Sign in with the token that <code>aludel web</code> printed when it was started.
      </p>
      <TokenForm first={startFailure.value} />
      <details class="gate__more">
        <summary>Where is the token?</summary>
        <p>
          In the terminal in which the server runs, at the end of the address. Open that address, and you are signed in.
        </p>
        <p>Without that terminal, start the server again:</p>
        <Command>aludel web</Command>
      </details>
    </>
  )
}

/** The application decides who may come in. */
function SignInElsewhere() {
  const failure = useSignal<Failure | undefined>(startFailure.value)
  const busy = useSignal(false)
  const again = async (): Promise<void> => {
    busy.value = true
    try {
      await findSession()
    } catch (error) {
      failure.value = failureOf(error)
      busy.value = false
    }
  }
  return (
    <>
      <p class="muted">
        This page belongs to an application, which does not know you yet. Sign in there, then try again.
      </p>
      <Button kind="primary" size="large" busy={busy.value} onClick={() => void again()}>
        Try again
      </Button>
      <div role="status">{failure.value !== undefined && <FailureNotice failure={failure.value} />}</div>
    </>
  )
}

/** Above the page, which stays as it was. */
export function SessionExpired() {
  return (
    <Dialog title="Your session has expired">
      {isPartOfApplication ? (
        <SignInElsewhere />
      ) : (
        <>
          <p class="muted">
            Sign in again, and go on where you were. If the server was restarted, it has printed a new token.
          </p>
          <TokenForm />
        </>
      )}
    </Dialog>
  )
}

/** In place of the page, while there is no server. */
export function Unreachable() {
  useEffect(() => {
    document.title = 'No connection · Aludel'
  }, [])
  const busy = useSignal(false)
  return (
    <main class="gate">
      <div class="gate__box gate__box--center">
        <Icon name="offline" size={32} />
        <h1>The server does not answer</h1>
        <p class="muted">
          Check that {isPartOfApplication ? 'it' : <code>aludel web</code>} is running and that this device can reach
          it. This page goes on by itself as soon as it answers.
        </p>
        <Button
          icon="restore"
          busy={busy.value}
          onClick={() => {
            busy.value = true
            void retry().finally(() => (busy.value = false))
          }}
        >
          Try again
        </Button>
      </div>
    </main>
  )
}

function TokenForm({ first }: { first?: Failure | undefined }) {
  const token = useSignal('')
  const failure = useSignal<Failure | undefined>(first)
  const busy = useSignal(false)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    field.current?.focus()
  }, [])
  const submit = async (): Promise<void> => {
    busy.value = true
    try {
      await signIn(token.value.trim())
    } catch (error) {
      failure.value = failureOf(error)
      busy.value = false
    }
  }
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault()
        if (token.value.trim() !== '') void submit()
      }}
    >
      {/* For password managers, which file it under the database. */}
      <input
        class="visually-hidden"
        type="text"
        autocomplete="username"
        tabIndex={-1}
        aria-hidden="true"
        value={session.value?.typedName ?? 'aludel'}
        readOnly
      />
      <Field label="Token" error={failure.value && sentence(failure.value.message)}>
        {(parts) => (
          <input
            {...parts}
            ref={field}
            class="input input--mono"
            type="password"
            autocomplete="current-password"
            data-autofocus
            value={token.value}
            onInput={(event) => {
              token.value = event.currentTarget.value
            }}
          />
        )}
      </Field>
      {failure.value?.help !== undefined && <Help text={failure.value.help} />}
      <Button type="submit" kind="primary" size="large" busy={busy.value}>
        Sign in
      </Button>
    </form>
  )
}
