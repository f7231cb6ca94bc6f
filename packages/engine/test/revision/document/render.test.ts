import { graphFormats } from '../../../src/revision/document/formats'
import { renderGraph } from '../../../src/revision/document/render'
import type { DocumentRevision } from '../../../src/revision/document/revision'

/** A revision as `history` returns it, with the fields that a test needs. */
function info(revision: string, down: readonly string[], more: Partial<DocumentRevision> = {}): DocumentRevision {
  const plain = { dependsOn: [], branchLabels: [], message: `makes ${revision}`, applied: null }
  return { revision, down, ...plain, isHead: false, isCurrent: false, isMergePoint: false, ...more }
}

const revisions = [
  info('d4', ['b2', 'c3'], { isMergePoint: true, isHead: true, applied: false }),
  info('c3', ['a1'], { dependsOn: ['x9', 'gone'], applied: true, isCurrent: true, branchLabels: ['side'] }),
  info('b2', ['a1', 'hidden'], { applied: false }),
  info('x9', [], { isHead: true, applied: true }),
  info('a1', [], { applied: true }),
]

test('renderGraph renders a Mermaid flowchart', () => {
  expect(renderGraph(revisions, 'mermaid')).toBe(`flowchart BT
  r_a1(["a1<br/>makes a1<br/>(base)"])
  r_x9(["x9<br/>makes x9<br/>(base) (head)"])
  r_b2["b2<br/>makes b2<br/>(pending)"]
  r_c3["c3<br/>makes c3<br/>(current) side"]
  r_d4{{"d4<br/>makes d4<br/>(merge) (head) (pending)"}}
  r_a1 --> r_b2
  r_a1 --> r_c3
  r_x9 -.-> r_c3
  r_b2 --> r_d4
  r_c3 --> r_d4
  classDef head stroke-width:3px
  classDef applied fill:#d1fae5,stroke:#059669,color:#064e3b
  classDef pending stroke-dasharray:4 3
  class r_x9,r_d4 head
  class r_a1,r_x9,r_c3 applied
  class r_b2,r_d4 pending
`)
})

test('renderGraph renders a Graphviz graph', () => {
  expect(renderGraph(revisions, 'dot')).toBe(String.raw`digraph revisions {
  rankdir=BT
  node [shape=box, style=rounded, fontname="Helvetica"]
  "a1" [label="a1\nmakes a1\n(base)", shape=ellipse, style="rounded,filled", fillcolor="#d1fae5", fontcolor="#064e3b"]
  "x9" [label="x9\nmakes x9\n(base) (head)", shape=ellipse, penwidth=2.5, style="rounded,filled", fillcolor="#d1fae5", fontcolor="#064e3b"]
  "b2" [label="b2\nmakes b2\n(pending)", style="rounded,dashed"]
  "c3" [label="c3\nmakes c3\n(current) side", style="rounded,filled", fillcolor="#d1fae5", fontcolor="#064e3b"]
  "d4" [label="d4\nmakes d4\n(merge) (head) (pending)", shape=hexagon, penwidth=2.5, style="rounded,dashed"]
  "a1" -> "b2"
  "a1" -> "c3"
  "x9" -> "c3" [style=dashed]
  "b2" -> "d4"
  "c3" -> "d4"
}
`)
})

test('renderGraph renders an SVG with each revision and edge once and no external references', () => {
  const svg = renderGraph(revisions, 'svg')
  expect(svg.match(/<text /g)).toHaveLength(5)
  expect(svg.match(/<path stroke=/g)).toHaveLength(4)
  expect(svg.match(/<path class="dependency"/g)).toHaveLength(1)
  // Squares for the bases, and the background.
  expect(svg.match(/<rect /g)).toHaveLength(3)
  expect(svg).toContain('@media (prefers-color-scheme:dark)')
  expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(/https?:|href|url\(|<script/)
  // The merge, its first parent below it in the same lane, its second in the next lane.
  expect(svg).toContain('d="M20 20C20 36 40 36 40 52"')
  expect(svg).toContain('d="M20 20V84"')
  expect(parseXml(svg)).toContain('makes d4')
})

describe('renderGraph', () => {
  const messages = [
    'say "hi" \'there\'',
    '<b>bold</b> & &lt; &amp;',
    'a [b] (c) {d} |e|',
    '`code` **bold** _it_',
    '1. list',
    '- dash',
    'style a:#1;',
    '%%{init: {"theme":"dark"}}%%',
    'back\\slash \\N \\',
    '"; graph {',
    'emoji 🎉 日本語 עברית',
    '"]; click x "javascript:alert(1)"',
  ]

  test.each(messages)('preserves the message %s in every format', (message) => {
    const one = [info('we-ird.1', [], { message })]
    expect(lastOf(readMermaid(renderGraph(one, 'mermaid')))).toBe(message)
    expect(lastOf(readDot(renderGraph(one, 'dot')))).toBe(message)
    expect(parseXml(renderGraph(one, 'svg'))).toContain(message)
  })

  test.each(graphFormats)(
    'replaces line breaks, control characters and lone surrogates with blanks in %s',
    (format) => {
      const text = renderGraph([info('a1', [], { message: 'one\r\ntwo\u0000three\ud800four\tfive' })], format)
      expect(text).toContain('one two three four five')
    },
  )

  test('renders a document without revisions in every format', () => {
    expect(renderGraph([], 'mermaid')).toBe('flowchart BT\n')
    expect(renderGraph([], 'dot')).toBe(
      'digraph revisions {\n  rankdir=BT\n  node [shape=box, style=rounded, fontname="Helvetica"]\n}\n',
    )
    const svg = renderGraph([], 'svg')
    expect(parseXml(svg)).toContain('@media')
    expect(svg).toMatch(/^<svg [^>]*width="68" height="40" viewBox="0 0 68 40">/)
    // The background, and nothing in front of it.
    expect(svg.match(/<(?:rect|path|circle|text) [^>]*>/g)).toEqual(['<rect class="paper" width="68" height="40"/>'])
  })
})

test('renderGraph gives each id that is not a Mermaid name its own node name', () => {
  const text = renderGraph(
    [info('a.b', ['a-b']), info('a-b', ['a_b']), info('a_b', ['end']), info('end', [])],
    'mermaid',
  )
  expect(text).toContain('r_end --> r_a_5f_b\n  r_a_5f_b --> r_a_2d_b\n  r_a_2d_b --> r_a_2e_b\n')
})

/** The message among the lines of the only node. */
function lastOf(lines: readonly string[]): string | undefined {
  return lines.find((line) => line !== 'we-ird.1' && line !== '(base)')
}

/** Reads a quoted label as Mermaid does: to the next quote, then `#number;`. */
function readMermaid(text: string): string[] {
  const label = /\["([^"]*)"\]/.exec(text)?.[1] ?? ''
  expect(label.replace(/#\d+;|<br\/>/g, '')).not.toMatch(/["#<>&`;]/)
  return label
    .split('<br/>')
    .map((line) => line.replace(/#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code))))
}

/** Reads a label as Graphviz does: `\"`, `\\`, `\n`, and entities. */
function readDot(text: string): string[] {
  const label = /\[label="((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? ''
  return label
    .split(/(?<=(?:^|[^\\])(?:\\\\)*)\\n/)
    .map((line) => line.replace(/\\(.)/g, '$1').replaceAll('&amp;', '&'))
}

/** The text of a document in which every tag is closed and every character escaped. */
function parseXml(xml: string): string {
  const open: string[] = []
  const rest = xml.replace(/<(\/?)([a-z]+)((?: [\w:-]+="[^"<]*")*)(\/?)>/gi, (_, closing, name, __, empty) => {
    if (closing === '/') expect(open.pop()).toBe(name)
    else if (empty !== '/') open.push(String(name))
    return ''
  })
  expect(open).toEqual([])
  expect(rest).not.toMatch(/[<>]|&(?!(?:amp|lt|gt|quot);)/)
  return rest.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
}
