// Loaded before a program with `--require`: writes its peak memory, in bytes, into the file that BENCH_USAGE names.
const { writeFileSync } = require('node:fs')
const process = require('node:process')

const file = process.env.BENCH_USAGE
process.on('exit', () => writeFileSync(file, JSON.stringify({ rss: process.resourceUsage().maxRSS * 1024 })))
