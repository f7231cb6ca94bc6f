import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { AppModule } from './app.module.js'

const app = await NestFactory.create(AppModule)
// SIGTERM: a running revision is rolled back, requests are answered, the connections are closed.
app.enableShutdownHooks()
// Waits until the database is at head. In a container, HOST is 0.0.0.0.
await app.listen(Number(process.env['PORT'] ?? 3000), process.env['HOST'] ?? '127.0.0.1')
