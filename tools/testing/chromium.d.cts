import type { Browser, LaunchOptions } from 'playwright-core'

export interface Chromium {
  readonly path: string
  /** Variables that its process needs, besides those of this one. */
  readonly env: Readonly<Record<string, string>>
}

export interface NoChromium {
  /** Why there is none, without a full stop. */
  readonly missing: string
}

/** A Chromium that can be started here: that of ALUDEL_CHROMIUM, one that is installed, or that of a package. */
export function findChromium(): Chromium | NoChromium

/**
 * Starts it, without a window.
 *
 * @throws {Error} if there is none
 */
export function launchChromium(options?: LaunchOptions): Promise<Browser>
