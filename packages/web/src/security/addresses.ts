import { isIP } from 'node:net'

import { AludelError } from '@aludel/engine'

/** The names of this machine itself. */
const loopbackNames = ['localhost', '127.0.0.1', '[::1]']

/**
 * Whether an address or a name can only be reached from this machine.
 *
 * @example
 * isLoopback('127.0.0.1') // true
 * isLoopback('0.0.0.0') // false: all interfaces
 */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/**
 * Which names a server answers to. A page of another site that resolves its own name to this machine (DNS rebinding) sends that name
 * as Host, and a page of another origin sends that as Origin.
 */
export class AllowedHosts {
  readonly #names: ReadonlySet<string>

  /**
   * @param extra names besides those of this machine, with or without a port: `aludel.example.com`
   * @throws AludelError `ALUDEL_USAGE` for what is not the name of a host, and would never be asked for
   * @example new AllowedHosts(['aludel.example.com']).accepts('aludel.example.com:443') // true
   */
  constructor(extra: readonly string[] = []) {
    this.#names = new Set([...loopbackNames, ...extra.map(nameOf)])
  }

  /** @param host the header Host */
  accepts(host: string | undefined): boolean {
    const parts = split(host)
    return parts !== undefined && (this.#names.has(parts.name) || this.#names.has(parts.whole))
  }

  /**
   * Whether a request comes from a page of this server: its Origin is the Host that was asked, or one of the names that were given
   * (a proxy may change Host). A page on another port of this machine is another origin.
   *
   * @param origin the header Origin; absent in requests that no page sends, and in most GETs of the same origin
   */
  acceptsOrigin(origin: string | undefined, host: string | undefined): boolean {
    if (origin === undefined) return true
    const parsed = originHost(origin)
    if (parsed === undefined) return false
    if (parsed === split(host)?.whole) return true
    return this.#names.has(parsed) && !loopbackNames.includes(parsed)
  }
}

/** A name that somebody allows, as {@link split} has it. */
function nameOf(given: string): string {
  const parts = split(given)
  if (parts !== undefined) return parts.whole
  const host = URL.canParse(given) ? new URL(given).host : ''
  throw new AludelError('ALUDEL_USAGE', `${given} is not the name of a host`, {
    help: `Write it as browsers send it: ${host === '' ? 'aludel.example.com' : host}`,
    details: { flag: '--allow-host' },
  })
}

/** The host of an origin, with its port unless that is the one of its scheme; undefined for `null` and whatever is no page. */
function originHost(origin: string): string | undefined {
  if (!URL.canParse(origin)) return undefined
  const { protocol, host, origin: whole } = new URL(origin)
  return (protocol === 'http:' || protocol === 'https:') && whole === origin.toLowerCase() ? host : undefined
}

/** A Host header as name, and as name and port without the ports that browsers leave out. */
function split(host: string | undefined): { readonly name: string; readonly whole: string } | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/.exec(host?.toLowerCase() ?? '')
  const name = match?.[1]
  if (name === undefined) return undefined
  const port = match?.[2]
  return { name, whole: port === undefined || port === '80' || port === '443' ? name : `${name}:${port}` }
}
