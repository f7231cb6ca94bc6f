import { revisionsDirectory } from '@aludel/migrations'
import { AludelModule } from '@aludel/nestjs'
import { AuditLogService, RecommendationService, ValidationService, WorkflowService } from '@aludel/services'
import { Module, StandardSchemaValidationPipe } from '@nestjs/common'
import { APP_FILTER, APP_PIPE } from '@nestjs/core'
import { TerminusModule } from '@nestjs/terminus'
import { TypeOrmModule } from '@nestjs/typeorm'
import { DataSource } from 'typeorm'
import { databaseOptions } from './database.js'
import { ServiceErrorFilter } from './errors.filter.js'
import { HealthController } from './health.controller.js'
import { ReviewsController } from './reviews.controller.js'
import { WorkflowsController } from './workflows.controller.js'

@Module({
  imports: [
    TypeOrmModule.forRootAsync({ useFactory: databaseOptions }),
    AludelModule.forRootAsync({
      useFactory: () => ({
        revisions: revisionsDirectory,
        // `MIGRATE=false` where something else migrates, for example a job of the deployment.
        migrate: process.env['MIGRATE'] !== 'false',
        // Another process may migrate for as long as the startup probe has patience.
        lockTimeoutMs: 30 * 60_000,
      }),
    }),
    TerminusModule.forRoot({ logger: false }),
  ],
  controllers: [HealthController, WorkflowsController, ReviewsController],
  providers: [
    // Each takes a DataSource; they have no state, so one of each serves all requests.
    ...[WorkflowService, ValidationService, RecommendationService, AuditLogService].map((service) => ({
      provide: service,
      useFactory: (dataSource: DataSource) => new service(dataSource),
      inject: [DataSource],
    })),
    { provide: APP_PIPE, useValue: new StandardSchemaValidationPipe() },
    { provide: APP_FILTER, useClass: ServiceErrorFilter },
  ],
})
export class AppModule {}
