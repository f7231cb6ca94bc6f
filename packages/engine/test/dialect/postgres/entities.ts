// cspell:ignore numero
import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  Exclusion,
  Generated,
  Index,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  Tree,
  TreeChildren,
  TreeParent,
  Unique,
  UpdateDateColumn,
  VersionColumn,
  ViewColumn,
  ViewEntity,
} from 'typeorm'

import { legacyTypeorm } from '../../../../../tools/testing/databases'

/** Entities whose defaults, types or names make TypeORM's own generator write the same changes again and again. */

@Entity('defaults')
export class Defaults {
  @PrimaryGeneratedColumn('uuid') id!: string
  @Column('text', { array: true, default: () => 'ARRAY[]::text[]' }) emptyArray!: string[]
  @Column('text', { array: true, default: ['a', 'b c'] }) array!: string[]
  @Column('timestamp', { default: () => "(now() at time zone 'utc')" }) utc!: Date
  @Column('timestamptz', { default: () => "now() + interval '1 day'" }) later!: Date
  @Column('jsonb', { default: () => "'{}'::jsonb" }) jsonbFunction!: object
  @Column('jsonb', { default: '{"countryCode":"fr", "numero":""}' }) jsonbText!: object
  @Column('json', { default: { a: [1, null, 'x'] } }) jsonObject!: object
  @Column('text', { nullable: true, default: () => 'null' }) nullFunction!: string
  @Column('int', { default: -1 }) negative!: number
  @Column('varchar', { default: '' }) empty!: string
  @Column('varchar', { default: '007' }) digits!: string
  @Column('varchar', { default: () => "'it''s'" }) quoted!: string
  @Column('varchar', { default: 'a\nb  -- c \\' }) odd!: string
  @Column('varchar', { default: 'a::text' }) colons!: string
  @Column('boolean', { default: 'false' }) flag!: boolean
  @Column({ type: 'timestamptz', precision: 3, default: () => 'CURRENT_TIMESTAMP(3)' }) now3!: Date
  @Column('timestamp', { default: () => 'LOCALTIMESTAMP' }) local!: Date
  @Column('date', { default: () => 'CURRENT_DATE' }) today!: string
  @Column('time', { default: '12:00' }) noon!: string
  @Column('timestamptz', { default: '1970-01-01' }) epoch!: Date
  @Column('interval', { default: '24 hours' }) span!: string
  @Column('float', { default: 1e-7 }) small!: number
  @Column('decimal', { precision: 10, scale: 2, default: 0.5 }) price!: string
  @Column('uuid', { default: () => 'gen_random_uuid()' }) uuid!: string
  @Column('uuid') @Generated('uuid') generated!: string
  @Column('bigint') @Generated('increment') counter!: string
  @Column({ type: 'int', generated: 'identity', generatedIdentity: 'ALWAYS' }) identity!: number
  @Column('varchar', { length: 20, array: true, nullable: true }) varchars!: string[]
  @Column('numeric', { precision: 10, scale: 2, array: true, nullable: true }) numerics!: string[]
  @Column({ type: 'varchar', collation: 'C', nullable: true }) collated!: string
  @Column('varchar', { nullable: true, comment: "it's\na comment" }) commented!: string
  @Column({ type: 'int', asExpression: '"negative" * 2', generatedType: 'STORED', nullable: true }) doubled!: number
}

export enum Mood {
  Sad = 'sad',
  Fine = "it's fine",
}

@Entity('e1')
export class Enums {
  @PrimaryGeneratedColumn() id!: number
  @Column({ type: 'enum', enum: Mood, enumName: 'e1_mood_enum', default: Mood.Sad }) mood!: Mood
  @Column({ type: 'enum', enum: Mood, array: true, default: [Mood.Sad] }) moods!: Mood[]
  @Column({ type: 'enum', enum: ['1', '2'], nullable: true }) numbers!: string
  @Column({ type: 'simple-enum', enum: ['x'], default: 'x' }) simple!: string
}

// TypeORM 0.3 does not escape the comment of a table.
@Entity('parents', { comment: legacyTypeorm ? 'a table' : "it's a table" })
@Unique('uq_parents', ['code', 'name'], { deferrable: 'INITIALLY DEFERRED' })
@Check('ck_name', `"name" IN ('a', 'b') OR "code" <> ''`)
@Check(`"code" NOT IN ('x', 'y')`)
@Exclusion(`USING gist ("during" WITH &&)`)
@Index(['name', 'code'])
@Index('ix_partial', ['code'], { unique: true, where: `"name" IN ('a', 'b')` })
export class Parent {
  @PrimaryGeneratedColumn('increment', { type: 'bigint' }) id!: string
  @Column('varchar', { length: 50 }) name!: string
  @Column('varchar', { length: 50 }) code!: string
  @Column('tstzrange', { nullable: true }) during!: string
  @CreateDateColumn() createdAt!: Date
  @UpdateDateColumn({ type: 'timestamptz' }) updatedAt!: Date
  @VersionColumn() version!: number
  @OneToMany(() => Child, (child) => child.parent) children!: Child[]
}

@Entity({ name: 'children', schema: 'other' })
export class Child {
  @PrimaryColumn('varchar', { length: 36 }) id!: string
  @PrimaryColumn('int') part!: number
  @ManyToOne(() => Parent, (parent) => parent.children, { onDelete: 'CASCADE', deferrable: 'INITIALLY IMMEDIATE' })
  parent!: Parent
  @ManyToMany(() => Parent) @JoinTable() friends!: Parent[]
  @Column({ type: 'enum', enum: Mood, nullable: true }) mood!: Mood
}

@Entity('parents', { schema: 'other' })
export class SameNameElsewhere {
  @PrimaryGeneratedColumn() id!: number
}

@Entity('nodes')
@Tree('closure-table')
export class Node {
  @PrimaryGeneratedColumn() id!: number
  @TreeChildren() children!: Node[]
  @TreeParent() parent!: Node
}

@ViewEntity({ name: 'v_names', expression: `SELECT "id", "name" FROM "parents" WHERE "name" IN ('a', 'b')` })
export class Names {
  @ViewColumn() id!: string
  @ViewColumn() name!: string
}

@ViewEntity({
  name: 'v_count',
  materialized: true,
  dependsOn: [Names],
  expression: `SELECT count(*) AS "n" FROM "v_names"`,
})
@Index('ix_count', ['n'], { unique: true })
export class Count {
  @ViewColumn() n!: number
}

export const entities = [Defaults, Enums, Parent, Child, SameNameElsewhere, Node, Names, Count]
