#!/usr/bin/env node
'use strict'

// Node marks some of what loaders use as experimental; that is no news for somebody who runs a migration.
const warnings = process.listeners('warning')
process.removeAllListeners('warning')
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') for (const listener of warnings) listener(warning)
})

// Since Node 22: what was compiled once need not be compiled by the next command. Does nothing where it cannot write.
require('node:module').enableCompileCache?.()

void require('../dist/bundle/index.js').runProcess()
