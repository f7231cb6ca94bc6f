/** Paths of 16 × 16 pictures, drawn with lines of 1.5. */
const paths = {
  overview: 'M2.5 6.8 8 2.5l5.5 4.3V13a.5.5 0 0 1-.5.5H9.8v-4H6.2v4H3a.5.5 0 0 1-.5-.5z',
  history:
    'M4.5 5.5v5M4.5 5.5a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2zm0 8.2a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2zm7-6.5a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2zm0 0c0 2.3-1.5 3-3.5 3.3-1 .2-1.8.5-2.3 1',
  plan: 'M2.5 4h1.5M2.5 8h1.5M2.5 12h1.5M6.5 4h7M6.5 8h7M6.5 12h4.5',
  create: 'M9 2.5H4a.5.5 0 0 0-.5.5v10a.5.5 0 0 0 .5.5h8a.5.5 0 0 0 .5-.5V6zM9 2.5V6h3.5M8 8v3.5M6.25 9.75h3.5',
  schema: 'M2.5 3h4v3.5h-4zM9.5 9.5h4V13h-4zM4.5 6.5v3.75a1 1 0 0 0 1 1h4',
  backups: 'M2.5 3h11v2.5h-11zM3.5 5.5V13h9V5.5M6.5 8.25h3',
  reviews:
    'M3 2.5h10a.5.5 0 0 1 .5.5v7.5a.5.5 0 0 1-.5.5H7.5L4.5 13.5V11H3a.5.5 0 0 1-.5-.5V3a.5.5 0 0 1 .5-.5zM5.75 6.75l1.5 1.5 3-3.25',
  journal: 'M8 13.5a5.5 5.5 0 1 0-5.2-3.7M2.3 13l.5-3.2L6 10.3M8 5v3.2l2 1.3',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3l3.2 3.2',
  check: 'M3 8.5 6.5 12 13 4.5',
  checkCircle: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM5.5 8.2l1.8 1.8 3.3-3.8',
  cross: 'M4 4l8 8M12 4l-8 8',
  crossCircle: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM6 6l4 4M10 6l-4 4',
  warning: 'M8 2.3 14.2 13.2H1.8zM8 6.5v3M8 11.5h.01',
  info: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 7.5V11M8 5.2h.01',
  loss: 'M3 4.5h10M6.5 4.5V3h3v1.5M4.25 4.5 5 13.5h6l.75-9M6.75 7v4M9.25 7v4',
  lock: 'M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5',
  rewrite: 'M13 6.5A5.2 5.2 0 0 0 3.5 5M3 9.5a5.2 5.2 0 0 0 9.5 1.5M3.3 2.5V5h2.5M12.7 13.5V11h-2.5',
  copy: 'M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1',
  arrowUp: 'M8 13V3M4 7l4-4 4 4',
  arrowDown: 'M8 3v10M4 9l4 4 4-4',
  arrowRight: 'M3 8h10M9 4l4 4-4 4',
  chevronRight: 'M6 3.5 10.5 8 6 12.5',
  chevronDown: 'M3.5 6 8 10.5 12.5 6',
  back: 'M13 8H3M7 4 3 8l4 4',
  play: 'M5 3.2v9.6L12.5 8z',
  stop: 'M4 4h8v8H4z',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.8V8l2.2 1.4',
  user: 'M8 8a2.75 2.75 0 1 0 0-5.5A2.75 2.75 0 0 0 8 8zM2.75 13.5c.5-2.5 2.6-3.5 5.25-3.5s4.75 1 5.25 3.5',
  database:
    'M8 6.5c3 0 5.2-.9 5.2-2.1S11 2.3 8 2.3s-5.2.900-5.2 2.1S5 6.5 8 6.5zM2.8 4.4V8c0 1.2 2.2 2.1 5.2 2.1s5.2-.9 5.2-2.1V4.4M2.8 8v3.6c0 1.2 2.2 2.1 5.2 2.1s5.2-.9 5.2-2.1V8',
  table: 'M2.5 3h11v10h-11zM2.5 6.5h11M6.5 6.5V13',
  key: 'M10.25 9a3.25 3.25 0 1 0-3.1-2.25L2.5 11.4v2.1H5v-1.75h1.75V10l.5-.5c.9-.3 2-.5 3-.5zM11 5h.01',
  link: 'M6.5 9.5l3-3M7.5 4.8l1.2-1.2a2.6 2.6 0 0 1 3.7 3.7l-1.2 1.2M8.5 11.2l-1.2 1.2a2.6 2.6 0 0 1-3.7-3.7l1.2-1.2',
  file: 'M9 2.5H4a.5.5 0 0 0-.5.5v10a.5.5 0 0 0 .5.5h8a.5.5 0 0 0 .5-.5V6zM9 2.5V6h3.5',
  merge:
    'M4.5 5.5v5M4.5 5.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zm0 8a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zm7-4a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM4.5 5.5C5 7.5 7 8 10 8',
  sun: 'M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6zM8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.85.85M11.75 11.75l.85.85M3.4 12.6l.85-.85M11.75 4.25l.85-.85',
  moon: 'M13 9.6A5.5 5.5 0 0 1 6.4 3a5.5 5.5 0 1 0 6.6 6.6z',
  screen: 'M2.5 3.5h11v7.5h-11zM6 13.5h4M8 11v2.5',
  signOut: 'M6.5 2.5H3.5a.5.5 0 0 0-.5.5v10a.5.5 0 0 0 .5.5h3M6.5 8H13M10.5 5.5 13 8l-2.5 2.5',
  eye: 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 9.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6z',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  fit: 'M2.5 6v-3.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10',
  restore: 'M3 8a5 5 0 1 0 1.6-3.7M2.8 2.5v2.6h2.6M8 5.5V8l1.7 1',
  shield: 'M8 2.2 13 4v4c0 3-2.2 5-5 6-2.8-1-5-3-5-6V4zM5.8 8l1.6 1.6 2.9-3.2',
  offline:
    'M2 2l12 12M4.5 8.5A5 5 0 0 1 6.5 7.3M9.6 7.4a5 5 0 0 1 1.9 1.1M2.3 6.2A8 8 0 0 1 4.6 4.7M7 4a8 8 0 0 1 6.7 2.2M6.5 10.8a2.2 2.2 0 0 1 3 0M8 13h.01',
  filter: 'M2.5 4h11M4.5 8h7M6.5 12h3',
  branch:
    'M4.5 5.5v5M4.5 5.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zm0 8a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zm7-8a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zm0 0c0 2.8-1.5 3-3.5 3.3-2 .2-3.5.7-3.5 1.7',
  keyboard: 'M2 4.5h12v7.5H2zM4.5 7h.01M7 7h.01M9.5 7h.01M12 7h.01M5 9.5h6',
  tools:
    'M10.5 2.7a3.3 3.3 0 0 0-3 4.6L2.9 11.9l1.2 1.2 4.6-4.6a3.3 3.3 0 0 0 4.5-3.8l-1.9 1.9-1.7-.4-.4-1.7 1.9-1.7c-.2 0-.4-.1-.6-.1z',
} as const

export type IconName = keyof typeof paths

/** A picture beside a text. It says nothing that the text does not: readers of the screen skip it. */
export function Icon({ name, size = 16, class: extra }: { name: IconName; size?: number; class?: string }) {
  const thick = name === 'more'
  return (
    <svg
      class={extra === undefined ? 'icon' : `icon ${extra}`}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width={thick ? 2.25 : 1.4}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  )
}

/** The mark: three aludels, stacked. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg width={(size * 14) / 26} height={size} viewBox="9 2.5 14 26" fill="none" aria-hidden="true">
      <g stroke="currentColor" stroke-width="2" stroke-linejoin="round">
        <path d="M13.5 4h5c0 2 3 2.6 3 4.6s-2.5 2.2-3 3.4h-5c-.5-1.2-3-1.4-3-3.4s3-2.6 3-4.6z" />
        <path d="M13.5 12h5c0 2 3 2.6 3 4.6s-2.5 2.2-3 3.4h-5c-.5-1.2-3-1.4-3-3.4s3-2.6 3-4.6z" />
      </g>
      <path class="mark__base" d="M13.5 20h5c.5 1.4 3.5 2 3.5 3.7S19.5 27.5 16 27.5s-6-1.6-6-3.8 3-2.3 3.5-3.7z" />
    </svg>
  )
}
