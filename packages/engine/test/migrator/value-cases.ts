import type { DialectName } from '../../src/dialect/registry'
import { entity, id, text } from './project'
import type { Case } from './together'

const people = (name: string, columns: object, rest: object = {}) => [entity(name, { id, ...columns } as never, rest)]
const name = text(50)
const optional = text(50, { nullable: true })
const two = [
  { id: 1, name: 'Ada' },
  { id: 2, name: 'Grace' },
]
const oneWithout = [
  { id: 1, name: 'Ada' },
  { id: 2, name: null },
]

const mood = (table: string, values: readonly string[], byDefault = values[0]) =>
  people(table, { mood: { type: 'simple-enum', enum: [...values], default: byDefault } })
const moods = (...values: readonly string[]) => values.map((one, index) => ({ id: index + 1, mood: one }))
const goodToBad = ['good', 'so-so', 'bad']

export function valueCases(dialect: DialectName): readonly Case[] {
  return [
    {
      title: 'fills a new NOT NULL column by a backfill expression over other columns',
      before: people('initials', { name }),
      rows: { initials: two },
      revisions: [
        {
          entities: people('initials', { name, initial: text(1) }),
          flags: { backfill: ['initials.initial=substr(name, 1, 1)'] },
          rows: {
            initials: [
              { id: 1, name: 'Ada', initial: 'A' },
              { id: 2, name: 'Grace', initial: 'G' },
            ],
          },
        },
      ],
      undone: { initials: two },
    },
    {
      title: 'fills a new NOT NULL column with the answer to a question',
      before: people('asked', { name }),
      rows: { asked: two },
      revisions: [
        {
          entities: people('asked', { name, initial: text(1) }),
          rows: { asked: two.map((row) => ({ ...row, initial: '?' })) },
        },
      ],
      undone: { asked: two },
    },
    {
      title: 'fills a new NOT NULL column from a dropped column, a renamed column or a subquery',
      before: people('labels', { name }),
      rows: { labels: two },
      revisions: [
        {
          entities: people('labels', { label: text(50), initial: text(1), age: { type: 'int' } }),
          flags: {
            rename: ['labels.name=label'],
            backfill: ['labels.initial=substr(label, 1, 1)', 'labels.age=(SELECT count(*) FROM labels)'],
          },
          rows: {
            labels: [
              { id: 1, label: 'Ada', initial: 'A', age: 2 },
              { id: 2, label: 'Grace', initial: 'G', age: 2 },
            ],
          },
        },
        {
          entities: people('labels', { initials: text(60), age: { type: 'int' } }),
          flags: {
            noRename: ['labels.label', 'labels.initial'],
            backfill: [
              'labels.initials=initial || label',
              'down:labels.label=substr(initials, 2)',
              'down:labels.initial=substr(initials, 1, 1)',
            ],
          },
          rows: {
            labels: [
              { id: 1, initials: 'AAda', age: 2 },
              { id: 2, initials: 'GGrace', age: 2 },
            ],
          },
        },
      ],
      undone: { labels: two },
    },
    {
      title: 'restores a dropped NOT NULL column by a down backfill',
      before: people('countries', { name, country: text(2) }),
      rows: { countries: [{ id: 1, name: 'Ada', country: 'gb' }] },
      revisions: [
        {
          entities: people('countries', { name }),
          flags: { backfill: [`down:countries.country='??'`] },
          rows: { countries: [{ id: 1, name: 'Ada' }] },
        },
      ],
      undone: { countries: [{ id: 1, name: 'Ada', country: '??' }] },
    },
    {
      title: 'puts the backfill value in place of NULL in a column that becomes NOT NULL',
      before: people('filled', { name: optional }),
      rows: { filled: oneWithout },
      revisions: [
        {
          entities: people('filled', { name }),
          flags: { backfill: [`filled.name='person ' || id`] },
          rows: {
            filled: [
              { id: 1, name: 'Ada' },
              { id: 2, name: 'person 2' },
            ],
          },
        },
      ],
      undone: {
        filled: [
          { id: 1, name: 'Ada' },
          { id: 2, name: 'person 2' },
        ],
      },
    },
    {
      title: 'puts the default in place of NULL in a column that becomes NOT NULL',
      before: people('defaults', { name: optional }),
      rows: { defaults: oneWithout },
      revisions: [
        {
          entities: people('defaults', { name: text(50, { default: 'nobody' }) }),
          rows: {
            defaults: [
              { id: 1, name: 'Ada' },
              { id: 2, name: 'nobody' },
            ],
          },
        },
      ],
      undone: {
        defaults: [
          { id: 1, name: 'Ada' },
          { id: 2, name: 'nobody' },
        ],
      },
    },
    {
      title: 'puts the backfill value of the new type in place of NULL',
      before: people('longer', { name: optional }),
      rows: { longer: oneWithout },
      revisions: [
        {
          entities: people('longer', { name: { type: 'text' } }),
          flags: { backfill: [`longer.name='a name that is long'`] },
          rows: {
            longer: [
              { id: 1, name: 'Ada' },
              { id: 2, name: 'a name that is long' },
            ],
          },
        },
      ],
      undone: {
        longer: [
          { id: 1, name: 'Ada' },
          { id: 2, name: 'a name that is long' },
        ],
      },
    },
    {
      title: 'converts values by expressions of --using, up and down',
      before: people('weights', { size: text(20) }),
      rows: {
        weights: [
          { id: 1, size: '12 kg' },
          { id: 2, size: '7 kg' },
        ],
      },
      revisions: [
        {
          entities: people('weights', { size: { type: 'int' } }),
          flags: {
            using: [
              dialect === 'sqlite'
                ? `sqlite:weights.size=CAST(replace(size, ' kg', '') AS integer)`
                : `postgres:weights.size=replace(size, ' kg', '')::integer`,
              `down:weights.size=size || ' kg'`,
            ],
          },
          rows: {
            weights: [
              { id: 1, size: 12 },
              { id: 2, size: 7 },
            ],
          },
        },
      ],
      undone: {
        weights: [
          { id: 1, size: '12 kg' },
          { id: 2, size: '7 kg' },
        ],
      },
    },
    {
      title: 'renames an enum value in answer to a question',
      before: mood('renamed', goodToBad),
      rows: { renamed: moods('good', 'so-so', 'bad') },
      revisions: [
        { entities: mood('renamed', ['fine', 'so-so', 'bad']), rows: { renamed: moods('fine', 'so-so', 'bad') } },
      ],
      later: ['INSERT INTO "renamed" ("id") VALUES (4)'],
      undone: { renamed: moods('good', 'so-so', 'bad', 'good') },
    },
    {
      title: 'maps an enum value in answer to a question',
      before: mood('mapped', goodToBad),
      rows: { mapped: moods('good', 'so-so', 'bad') },
      revisions: [
        { entities: mood('mapped', ['so-so', 'bad', 'new']), rows: { mapped: moods('bad', 'so-so', 'bad') } },
      ],
      undone: { mapped: moods('bad', 'so-so', 'bad') },
    },
    {
      title: 'renames, maps and adds enum values in one revision',
      before: mood('mixed', goodToBad),
      rows: { mixed: moods('good', 'so-so', 'bad') },
      revisions: [
        {
          entities: mood('mixed', ['bad', 'great', 'fine'], 'great'),
          flags: { rename: ['mixed.mood.good=fine'], map: ['mixed.mood.so-so=bad'] },
          rows: { mixed: moods('fine', 'bad', 'bad') },
        },
      ],
      // The new default cannot be mapped back, so no row may have it before the downgrade.
      later: ['INSERT INTO "mixed" ("id") VALUES (4)', 'DELETE FROM "mixed" WHERE "id" = 4'],
      undone: { mixed: moods('good', 'bad', 'bad') },
    },
    {
      title: 'renames an enum value together with its column and table',
      before: mood('persons', goodToBad),
      rows: { persons: moods('good', 'so-so', 'bad') },
      revisions: [
        {
          entities: people('users', {
            humor: { type: 'simple-enum', enum: ['fine', 'so-so', 'bad'], default: 'fine' },
          }),
          flags: { rename: ['persons=users', 'users.mood=humor', 'users.humor.good=fine'] },
          rows: {
            users: [
              { id: 1, humor: 'fine' },
              { id: 2, humor: 'so-so' },
              { id: 3, humor: 'bad' },
            ],
          },
        },
      ],
      undone: { persons: moods('good', 'so-so', 'bad') },
    },
    {
      title: 'renames tables, columns and indexes in one revision, with further changes',
      before: [
        ...people(
          'keepers',
          { name, note: text(80, { nullable: true }) },
          {
            indices: [{ name: 'idx_keepers_name', columns: ['name'] }],
            uniques: [{ name: 'uq_keepers_note', columns: ['note'] }],
            checks: [{ name: 'ck_keepers_name', expression: `"name" <> ''` }],
          },
        ),
        ...people(
          'pets',
          { owner: { type: 'int' } },
          { foreignKeys: [{ ...keyTo('keepers'), name: 'fk_pets_owner', columnNames: ['owner'] }] },
        ),
      ],
      rows: {
        keepers: [
          { id: 1, name: 'Ada', note: 'first' },
          { id: 2, name: 'Grace', note: null },
        ],
        pets: [{ id: 1, owner: 2 }],
      },
      revisions: [
        {
          entities: [
            ...people(
              'staff',
              {
                fullName: { type: 'text' },
                remark: text(80, { nullable: true }),
                age: { type: 'int', nullable: true },
              },
              {
                indices: [{ name: 'idx_staff_name', columns: ['fullName'] }],
                uniques: [{ name: 'uq_staff_remark', columns: ['remark'] }],
                checks: [{ name: 'ck_staff_name', expression: `"fullName" <> ''` }],
              },
            ),
            ...people(
              'animals',
              { keeper: { type: 'int', nullable: true } },
              { foreignKeys: [{ ...keyTo('staff'), name: 'fk_animals_keeper', columnNames: ['keeper'] }] },
            ),
          ],
          flags: {
            rename: [
              'keepers=staff',
              'pets=animals',
              'staff.name=fullName',
              'keepers.note=remark',
              'animals.owner=keeper',
            ],
          },
          rows: {
            staff: [
              { id: 1, fullName: 'Ada', remark: 'first', age: null },
              { id: 2, fullName: 'Grace', remark: null, age: null },
            ],
            animals: [{ id: 1, keeper: 2 }],
          },
        },
      ],
      undone: {
        keepers: [
          { id: 1, name: 'Ada', note: 'first' },
          { id: 2, name: 'Grace', note: null },
        ],
        pets: [{ id: 1, owner: 2 }],
      },
    },
  ]
}

function keyTo(target: string) {
  return { target, referencedColumnNames: ['id'] }
}
