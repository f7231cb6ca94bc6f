import './styles/layers.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/components.css'
import './shell/shell.css'
import { render } from 'preact'
import { base } from './api/base'
import { start } from './api/session'
import { App } from './app'
import { preloadPage } from './shell/shell'
import './shell/theme'

const root = document.querySelector('#app')
if (root !== null) render(<App />, root)
preloadPage(location.pathname.slice(base.length))
void start()
