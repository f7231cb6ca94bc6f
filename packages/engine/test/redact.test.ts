// cspell:ignore cret
import { redact, redactJson } from '../src/redact'

test.each([
  ['postgres://app:s3cret@db/app', 'postgres://app:***@db/app'],
  ['postgres://:s3cret@db/app', 'postgres://:***@db/app'],
  ['postgresql+asyncpg://app:s3cret@db/app is down', 'postgresql+asyncpg://app:***@db/app is down'],
  ['postgres://app:p@ss:w/rd@db:5432/app', 'postgres://app:***@db:5432/app'],
  ['"postgres://a:s3cret@x/y" and "postgres://b:other@x/z"', '"postgres://a:***@x/y" and "postgres://b:***@x/z"'],
  ['postgres://db/app?user=a&password=s3cret&sslmode=require', 'postgres://db/app?user=a&password=***&sslmode=require'],
  ['postgres//app:s3cret@db/app', 'postgres//app:***@db/app'],
  ['//app:s3cret@db/app', '//app:***@db/app'],
  ['host=db user=app password=s3cret dbname=app', 'host=db user=app password=*** dbname=app'],
  ["password='s3cret and \\' more' host=db", 'password=*** host=db'],
  ['PGPASSWORD=s3cret psql', 'PGPASSWORD=*** psql'],
  ["{ host: 'db', password: 's3cret' }", "{ host: 'db', password: '***' }"],
  ['{"password":"s3\\"cret"}', '{"password":"***"}'],
])('masks the password in %s', (text, expected) => {
  expect(redact(text)).toBe(expected)
  expect(redact(text)).not.toContain('s3cret')
})

test.each([
  'sqlite:///./data/app.db',
  'postgres://app@db/app',
  'at file:///srv/app/x.ts:10:5 by me@example.org',
  'password authentication failed for user "app"',
  'ALTER TABLE "users" ADD COLUMN "password" text',
  `UPDATE "users" SET user='a', password='b' WHERE host='c'`,
  'https://example.org/a:b and file://srv/a:1',
])('leaves a text without a password unchanged: %s', (text) => {
  expect(redact(text)).toBe(text)
})

test('masks the password in every string of a JSON document', () => {
  expect(JSON.stringify({ a: ['postgres://u:s3cret@h/d'], n: 1, t: true, z: null }, redactJson)).toBe(
    '{"a":["postgres://u:***@h/d"],"n":1,"t":true,"z":null}',
  )
})
