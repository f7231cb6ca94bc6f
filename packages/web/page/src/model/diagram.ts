import type { SchemaDocument, TableDocument } from '../../../src/api/types'
import { keysOf, shortType } from './schema'
import type { ColumnKeys } from './schema'

/** A line of a box. */
export interface DiagramColumn {
  readonly name: string
  readonly type: string
  readonly keys: ColumnKeys
}

/** A table in the picture, not yet placed. */
export interface DiagramTable {
  readonly name: string
  readonly columns: readonly DiagramColumn[]
  /** Columns that are left out. */
  readonly more: number
  readonly width: number
  readonly height: number
}

/** A foreign key in the picture. */
export interface DiagramKey {
  readonly id: string
  readonly from: string
  readonly to: string
  /** The first column of the key, and the one that it refers to. */
  readonly column: string
  readonly references: string
}

/** Sizes in pixels. */
export const boxes = { head: 30, line: 20, bottom: 8, letter: 7.3, sides: 44, widest: 300 } as const

/** Of a large schema only the keys are drawn: one wants to see how tables hang together. */
const mostTablesInFull = 30
const mostColumns = 14

/** Tables and keys of a picture. */
export function diagramOf(schema: SchemaDocument): { tables: readonly DiagramTable[]; keys: readonly DiagramKey[] } {
  const inFull = schema.tables.length <= mostTablesInFull
  const names = new Set(schema.tables.map((table) => table.name))
  return {
    tables: schema.tables.map((table) => boxOf(table, inFull)),
    keys: schema.tables.flatMap((table) =>
      table.foreignKeys
        .filter((key) => names.has(key.table))
        .map((key, index) => ({
          id: `${table.name} ${String(index)}`,
          from: table.name,
          to: key.table,
          column: key.columns[0] ?? '',
          references: key.references[0] ?? '',
        })),
    ),
  }
}

function boxOf(table: TableDocument, inFull: boolean): DiagramTable {
  const keys = keysOf(table)
  const all = table.columns.map((column) => ({
    name: column.name,
    type: shortType(column.type),
    keys: keys.get(column.name) ?? { primary: false, refersTo: undefined, unique: false },
  }))
  const wanted = inFull ? all : all.filter((column) => column.keys.primary || column.keys.refersTo !== undefined)
  const columns = wanted.slice(0, mostColumns)
  const more = all.length - columns.length
  const longest = Math.max(
    table.name.length * 1.08,
    ...columns.map((column) => column.name.length + Math.min(16, column.type.length) * 0.92 + 2),
  )
  return {
    name: table.name,
    columns,
    more,
    width: Math.round(Math.min(boxes.widest, longest * boxes.letter + boxes.sides)),
    height: boxes.head + (columns.length + (more > 0 ? 1 : 0)) * boxes.line + boxes.bottom,
  }
}

/** What part of a picture is in sight: a point of it is at `x + scale · point` of the window. */
export interface Camera {
  readonly x: number
  readonly y: number
  readonly scale: number
}

interface Size {
  readonly width: number
  readonly height: number
}

interface Point {
  readonly x: number
  readonly y: number
}

const scales = { least: 0.1, readable: 0.65, most: 2.5 } as const

/** All of a picture, in the middle of a window. */
export function fit(picture: Size, window: Size, margin = 24): Camera {
  const scale = Math.min(
    1,
    Math.max(
      scales.least,
      Math.min((window.width - 2 * margin) / picture.width, (window.height - 2 * margin) / picture.height),
    ),
  )
  return {
    scale,
    x: (window.width - picture.width * scale) / 2,
    y: (window.height - picture.height * scale) / 2,
  }
}

/**
 * What is in sight at first: all, unless nobody could read it; then a part of it around a box.
 *
 * @param box undefined for an empty picture
 */
export function open(picture: Size, window: Size, box: (Size & Point) | undefined): Camera {
  const all = fit(picture, window)
  if (box === undefined || all.scale >= scales.readable) return all
  const scale = scales.readable
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  return {
    scale,
    x: within(window.width / 2 - x * scale, picture.width * scale, window.width),
    y: within(window.height / 2 - y * scale, picture.height * scale, window.height),
  }
}

/** Where a picture begins so that a window shows none of what is beside it; in the middle where it is smaller. */
function within(start: number, size: number, room: number, margin = 24): number {
  if (size <= room - 2 * margin) return (room - size) / 2
  return Math.min(margin, Math.max(start, room - margin - size))
}

/** Nearer by a factor, around a point of the window that stays where it is. */
export function zoom(camera: Camera, factor: number, at: Point): Camera {
  const scale = Math.min(scales.most, Math.max(scales.least, camera.scale * factor))
  const ratio = scale / camera.scale
  return { scale, x: at.x - (at.x - camera.x) * ratio, y: at.y - (at.y - camera.y) * ratio }
}

/** Moved as little as needed to have a box of the picture in sight. */
export function reveal(camera: Camera, box: Size & Point, window: Size): Camera {
  const margin = 16
  const shift = (start: number, size: number, room: number): number => {
    if (start < margin) return margin - start
    const over = start + size - (room - margin)
    return over > 0 ? -Math.min(over, start - margin) : 0
  }
  return {
    ...camera,
    x: camera.x + shift(camera.x + box.x * camera.scale, box.width * camera.scale, window.width),
    y: camera.y + shift(camera.y + box.y * camera.scale, box.height * camera.scale, window.height),
  }
}
