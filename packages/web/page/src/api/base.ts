/** Where the server has mounted the page, without a slash at the end: empty, or `/admin/migrations`. The server writes it. */
export const base = document.querySelector<HTMLMetaElement>('meta[name="aludel-base"]')?.content ?? ''

/** The URL of a route of the API. */
export function apiUrl(path: string): string {
  return `${base}/api/v1${path}`
}
