// cspell:ignore ondelete
import { shopRows } from '../rows.mjs'

/** From Debian: `apt-get install python3-alembic python3-psycopg2`, version 1.8.1. */
/** @type {import('../place.mjs').Program} */
export const alembic = {
  name: 'alembic',
  packages: {},
  dialects: ['sqlite', 'postgres'],
  rows: shopRows,
  make({ dialect, target, write, run }) {
    const url = dialect === 'sqlite' ? `sqlite:///${target}` : target.replace('postgres://', 'postgresql://')
    write({
      'alembic.ini': `[alembic]\nscript_location = migrations\n`,
      'migrations/env.py': `
from alembic import context
from sqlalchemy import create_engine

with create_engine("${url}").connect() as connection:
    context.configure(connection=connection, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
`,
      'migrations/script.py.mako': '',
      'migrations/versions/3a1f_users.py': `
import sqlalchemy as sa
from alembic import op

revision = "3a1f00000001"
down_revision = None

def upgrade():
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(255), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("role", sa.Enum("admin", "member", name="user_role"), nullable=False, server_default="member"),
        sa.Column("settings", sa.JSON),
        sa.Column("active", sa.Boolean(create_constraint=True, name="ck_active"), nullable=False, server_default=sa.true()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.UniqueConstraint("email", name="uq_users_email"),
    )
    op.create_index("ix_users_name", "users", [sa.text("lower(name)")])
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("status", sa.String(10), nullable=False, server_default="open"),
        sa.Column("placed_at", sa.DateTime, nullable=False),
        sa.CheckConstraint("status IN ('open', 'paid', 'sent')", name="ck_orders_status"),
    )
    op.create_index(op.f("ix_orders_user_id"), "orders", ["user_id"])

def downgrade():
    op.drop_table("orders")
    op.drop_table("users")
`,
      'migrations/versions/3a1f_items.py': `
import sqlalchemy as sa
from alembic import op

revision = "3a1f00000002"
down_revision = "3a1f00000001"

def upgrade():
    op.create_table(
        "order_items",
        sa.Column("order_id", sa.Integer, sa.ForeignKey("orders.id"), primary_key=True),
        sa.Column("product", sa.String(50), primary_key=True),
        sa.Column("quantity", sa.Integer, sa.CheckConstraint("quantity > 0"), nullable=False, server_default="1"),
        sa.Column("price", sa.Numeric(10, 2), nullable=False),
        sa.Column("total", sa.Numeric(12, 2), sa.Computed("quantity * price", persisted=True)),
    )
    op.create_table(
        "tags",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("name", sa.String(30), nullable=False, unique=True),
    )
    op.create_table(
        "order_tags",
        sa.Column("order_id", sa.Integer, sa.ForeignKey("orders.id"), primary_key=True),
        sa.Column("tag_id", sa.BigInteger, sa.ForeignKey("tags.id"), primary_key=True),
    )

def downgrade():
    for table in ("order_tags", "tags", "order_items"):
        op.drop_table(table)
`,
      'migrations/versions/3a1f_notes.py': `
import sqlalchemy as sa
from alembic import op

revision = "3a1f00000003"
down_revision = "3a1f00000002"

def upgrade():
    with op.batch_alter_table("orders") as batch:
        batch.add_column(sa.Column("note", sa.Text))
        batch.alter_column("status", existing_type=sa.String(10), type_=sa.String(20), existing_server_default="open")
        batch.create_index("ix_open_orders", ["placed_at"], postgresql_where=sa.text("status = 'open'"), sqlite_where=sa.text("status = 'open'"))

def downgrade():
    with op.batch_alter_table("orders") as batch:
        batch.drop_column("note")
`,
    })
    // Not a Python of PATH, which has other packages.
    run('/usr/bin/python3', ['-m', 'alembic', 'upgrade', '+1'])
    run('/usr/bin/python3', ['-m', 'alembic', 'upgrade', 'head'])
  },
  last: ({ run }) => /^\w+/m.exec(run('/usr/bin/python3', ['-m', 'alembic', 'current']))?.[0],
}
