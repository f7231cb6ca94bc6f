import { alembic } from './alembic.mjs'
import { dbMigrate } from './db-migrate.mjs'
import { dbmate } from './dbmate.mjs'
import { django } from './django.mjs'
import { drizzle } from './drizzle.mjs'
import { graphileMigrate } from './graphile-migrate.mjs'
import { knex } from './knex.mjs'
import { kysely } from './kysely.mjs'
import { liquibase } from './liquibase.mjs'
import { mikroOrm } from './mikro-orm.mjs'
import { nodePgMigrate } from './node-pg-migrate.mjs'
import { postgresMigrations } from './postgres-migrations.mjs'
import { prisma } from './prisma.mjs'
import { rails } from './rails.mjs'
import { sequelize } from './sequelize.mjs'
import { sqitch } from './sqitch.mjs'
import { typeorm03, typeorm1 } from './typeorm.mjs'

/** @type {readonly import('../place.mjs').Program[]} */
export const programs = [
  ...[alembic, dbMigrate, dbmate, django, drizzle, graphileMigrate, knex, kysely, liquibase, mikroOrm, nodePgMigrate],
  ...[postgresMigrations, prisma, rails, sequelize, sqitch, typeorm03, typeorm1],
]
