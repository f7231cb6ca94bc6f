import { shop } from '../rows.mjs'

const stamped = { created_at: '2026-03-04 05:06:07', updated_at: '2026-03-04 05:06:07' }

/** From Debian: `apt-get install ruby-activerecord ruby-sqlite3 ruby-pg`, version 6.1. */
/** @type {import('../place.mjs').Program} */
export const rails = {
  name: 'rails',
  packages: {},
  dialects: ['sqlite', 'postgres'],
  rows: shop().map(([table, ...list]) => [
    table,
    ...list.map((row) => (table === 'users' ? { ...row, ...stamped } : row)),
  ]),
  make({ dialect, target, write, run }) {
    const isPostgres = dialect === 'postgres'
    write({
      'migrate/20260101000000_create_users.rb': `
class CreateUsers < ActiveRecord::Migration[6.1]
  def change
    ${isPostgres ? `enable_extension 'citext'` : ''}
    create_table :users do |t|
      t.${isPostgres ? 'citext' : 'string'} :email, null: false, index: { unique: true }
      t.string :name, limit: 100, null: false
      t.string :role, null: false, default: 'member'
      t.${isPostgres ? 'jsonb' : 'json'} :settings
      ${isPostgres ? `t.string :labels, array: true, default: []\n      t.inet :address\n      t.tsrange :absent` : ''}
      t.timestamps
    end
    create_table :orders do |t|
      t.references :user, null: false, foreign_key: { on_delete: :cascade }
      t.string :status, null: false, default: 'open'
      t.datetime :placed_at, null: false, precision: 6
      t.check_constraint "status IN ('open', 'paid', 'sent')", name: 'orders_status'
    end
  end
end
`,
      'migrate/20260102000000_create_items.rb': `
class CreateItems < ActiveRecord::Migration[6.1]
  def change
    create_table :order_items, id: false do |t|
      t.references :order, null: false, foreign_key: true
      t.string :product, limit: 50, null: false
      t.integer :quantity, null: false, default: 1
      t.decimal :price, precision: 10, scale: 2, null: false
    end
    add_index :order_items, [:order_id, :product], unique: true
    create_table(:tags) { |t| t.string :name, null: false, index: { unique: true } }
    create_join_table :orders, :tags, table_name: :order_tags do |t|
      t.index [:order_id, :tag_id], unique: true
    end
    add_foreign_key :order_tags, :tags
  end
end
`,
      'migrate/20260103000000_add_notes.rb': `
class AddNotes < ActiveRecord::Migration[6.1]
  def change
    add_column :orders, :note, :text
    add_index :orders, :placed_at, order: { placed_at: :desc }, where: "status = 'open'", name: 'open_orders'
  end
end
`,
      'run.rb': `
require 'active_record'
ActiveRecord::Base.establish_connection(${isPostgres ? JSON.stringify(target.replace('postgres://', 'postgresql://')) : `adapter: 'sqlite3', database: ${JSON.stringify(target)}`})
migrations = ActiveRecord::MigrationContext.new('migrate', ActiveRecord::SchemaMigration)
migrations.migrate
puts migrations.current_version
`,
    })
    run('/usr/bin/ruby', ['run.rb'])
  },
  last: ({ run }) => /^\d+$/m.exec(run('/usr/bin/ruby', ['run.rb']))?.[0],
}
