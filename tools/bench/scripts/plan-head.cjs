// Plans `upgrade heads` for an empty database and does nothing else: reads the files, builds the graph and orders it.
const process = require('node:process')
const path = require('node:path')

const dist = path.join(__dirname, '../../../packages/engine/dist')
const { readRevisions } = require(path.join(dist, 'files/read.js'))
const { RevisionGraph } = require(path.join(dist, 'revision/graph.js'))
const { planUpgrade } = require(path.join(dist, 'revision/planner.js'))

const [directory = '', count] = process.argv.slice(2)
void (async () => {
  const cacheDirectory = path.join(directory, 'node_modules/.cache/aludel')
  const { revisions } = await readRevisions([path.join(directory, 'migrations')], { cacheDirectory, version: 'bench' })
  const { steps } = planUpgrade(new RevisionGraph(revisions), [], 'heads')
  if (steps.length !== Number(count)) throw new Error(`${String(steps.length)} steps`)
})()
