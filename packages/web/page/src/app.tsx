import { effect } from '@preact/signals'
import { Router } from 'wouter-preact'
import { base } from './api/base'
import { lostUntil } from './api/connection'
import { sessionState, start, startFailure } from './api/session'
import { Shell } from './shell/shell'
import { SessionExpired, SignIn, Starting, Unreachable } from './shell/sign-in'
import { Toasts } from './ui/toasts'

// The server came back, and nobody has signed in yet.
effect(() => {
  if (lostUntil.value === null && startFailure.peek()?.code === 'NETWORK' && sessionState.peek() === 'out') void start()
})

export function App() {
  return (
    <Router base={base}>
      <Screen />
      <Toasts />
    </Router>
  )
}

function Screen() {
  switch (sessionState.value) {
    case 'starting':
      return <Starting />
    case 'out':
      return startFailure.value?.code === 'NETWORK' ? <Unreachable /> : <SignIn />
    case 'in':
      return <Shell />
    case 'expired':
      return (
        <>
          <Shell />
          <SessionExpired />
        </>
      )
  }
}
