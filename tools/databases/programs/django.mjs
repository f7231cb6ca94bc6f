// cspell:ignore PYTHONPATH contenttypes makemigrations showmigrations
import { shop } from '../rows.mjs'

const more = { shop_user: { active: true, created_at: '2026-03-04 05:06:07' }, shop_order: { amount: 0 } }

/** @param {import('../place.mjs').Place['run']} run @param {readonly string[]} args */
const manage = (run, ...args) =>
  run('/usr/bin/python3', ['-m', 'django', ...args], { DJANGO_SETTINGS_MODULE: 'settings', PYTHONPATH: '.' })

/** From Debian: `apt-get install python3-django python3-psycopg2`, version 3.2. */
/** @type {import('../place.mjs').Program} */
export const django = {
  name: 'django',
  packages: {},
  dialects: ['sqlite', 'postgres'],
  rows: shop(
    (name) => name,
    (table) =>
      ({ users: 'shop_user', orders: 'shop_order', tags: 'shop_tag', order_tags: 'shop_order_tags' })[table] ?? table,
  )
    .filter(([table]) => table !== 'order_items')
    .map(([table, ...list]) => [
      table,
      ...list.map((row) => ({ ...row, ...more[/** @type {keyof typeof more} */ (table)] })),
    ]),
  make({ dialect, target, write, run }) {
    const { hostname, port, username, password, pathname } = new URL(target, 'file:///')
    const database =
      dialect === 'sqlite'
        ? { ENGINE: 'django.db.backends.sqlite3', NAME: target }
        : {
            ENGINE: 'django.db.backends.postgresql',
            NAME: pathname.slice(1),
            USER: username,
            PASSWORD: password,
            HOST: hostname,
            PORT: port,
          }
    const models = (/** @type {boolean} */ notes) => `
from django.db import models

class User(models.Model):
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100, db_index=True)
    role = models.CharField(max_length=10, choices=[("admin", "admin"), ("member", "member")], default="member")
    settings = models.JSONField(null=True)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

class Tag(models.Model):
    id = models.BigAutoField(primary_key=True)
    name = models.SlugField(unique=True)

class Order(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    status = models.CharField(max_length=10)
    placed_at = models.DateTimeField()
    tags = models.ManyToManyField(Tag)
    ${notes ? 'note = models.TextField(null=True)\n    amount = models.PositiveIntegerField(default=0)' : ''}
    class Meta:
        constraints = [models.CheckConstraint(check=models.Q(status__in=["open", "paid", "sent"]), name="order_status")]
        indexes = [models.Index(fields=["-placed_at"], condition=models.Q(status="open"), name="open_orders")]
`
    write({
      'settings.py': `SECRET_KEY = 'x'\nUSE_TZ = True\nDEFAULT_AUTO_FIELD = 'django.db.models.AutoField'\nINSTALLED_APPS = ['django.contrib.contenttypes', 'django.contrib.auth', 'shop']\nDATABASES = {'default': ${JSON.stringify(database)}}\n`,
      'shop/__init__.py': '',
      'shop/migrations/__init__.py': '',
    })
    for (const notes of [false, true]) {
      write({ 'shop/models.py': models(notes) })
      manage(run, 'makemigrations', 'shop', '--name', notes ? 'notes' : 'shop')
      manage(run, 'migrate')
    }
  },
  last: ({ run }) =>
    [...manage(run, 'showmigrations', '--plan').matchAll(/\[X\] +(\S+)/g)].at(-1)?.[1]?.replace('.', '::'),
}
