import './styles/layers.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/components.css'
import './shell/shell.css'
import { render } from 'preact'
import { start } from './api/session'
import { App } from './app'
import './shell/theme'

const root = document.querySelector('#app')
if (root !== null) render(<App />, root)
void start()
