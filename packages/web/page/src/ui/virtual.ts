import { Virtualizer, elementScroll, observeElementOffset, observeElementRect } from '@tanstack/virtual-core'
import type { VirtualItem } from '@tanstack/virtual-core'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { RefObject } from 'preact'

export interface VirtualRows {
  /** Of the element that scrolls. */
  readonly scroller: RefObject<HTMLDivElement>
  readonly items: readonly VirtualItem[]
  readonly totalHeight: number
  /** Rows that fit. */
  readonly page: number
  readonly show: (index: number, align?: 'auto' | 'center') => void
}

/** Draws of many rows, all of one height, only those that are in sight, and some around them. */
export function useVirtualRows(count: number, rowHeight: number): VirtualRows {
  const scroller = useRef<HTMLDivElement>(null)
  const [, redraw] = useState(0)
  const made = useRef<Virtualizer<HTMLDivElement, Element> | undefined>(undefined)
  const options = {
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    overscan: 12,
    paddingStart: 4,
    paddingEnd: 4,
    onChange: () => {
      redraw((number) => number + 1)
    },
  }
  made.current ??= new Virtualizer(options)
  const virtualizer = made.current
  virtualizer.setOptions(options)
  useLayoutEffect(() => virtualizer._didMount(), [])
  useLayoutEffect(() => {
    virtualizer._willUpdate()
  })
  useLayoutEffect(() => {
    virtualizer.measure()
  }, [rowHeight])
  return {
    scroller,
    items: virtualizer.getVirtualItems(),
    totalHeight: virtualizer.getTotalSize(),
    page: Math.max(1, Math.floor((virtualizer.scrollRect?.height ?? 0) / rowHeight) - 1),
    show: (index, align = 'auto') => {
      virtualizer.scrollToIndex(index, { align })
    },
  }
}
