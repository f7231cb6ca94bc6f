import { Column, PrimaryColumn } from 'typeorm'

/**
 * The primary key `id`: a UUID v4 as text, made by the entity when it is inserted without one.
 *
 * @param table the table, which names the constraint
 */
export function IdColumn(table: string): PropertyDecorator {
  return PrimaryColumn({ name: 'id', type: 'varchar', length: 36, primaryKeyConstraintName: `pk_${table}` })
}

/**
 * The column of a foreign key, beside the relation of the same name.
 *
 * @param name the column
 */
export function ReferenceColumn(name: string, options: { readonly nullable?: boolean } = {}): PropertyDecorator {
  return Column({ name, type: 'varchar', length: 36, nullable: options.nullable ?? false })
}
