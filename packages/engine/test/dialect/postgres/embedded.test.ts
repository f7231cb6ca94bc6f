import { startEmbedded } from '../../../src/dialect/postgres/embedded'
import { DataSource } from 'typeorm'
test('x', async () => {
  const t0 = performance.now()
  const server = await startEmbedded()
  console.log('start', performance.now() - t0)
  const { close, ...connection } = server
  const t1 = performance.now()
  const d = await new DataSource({ type: 'postgres', ...connection }).initialize()
  console.log(await d.query('select version(), current_user'), performance.now() - t1)
  const t2 = performance.now()
  await d.query('create database x template template0')
  console.log('create', performance.now() - t2)
  await d.destroy()
  const t3 = performance.now()
  await close()
  console.log('close', performance.now() - t3)
})
