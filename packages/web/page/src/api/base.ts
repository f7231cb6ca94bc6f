/** Where the server has mounted the page, without a slash at the end: empty, or `/admin/migrations`. The server writes it. */
export const base = written('aludel-base') ?? ''

/** Whether sessions begin and end in the application that the page is a part of, and not with a token. The server writes it. */
export const isPartOfApplication = written('aludel-sign-in') === 'application'

/** The URL of a route of the API. */
export function apiUrl(path: string): string {
  return `${base}/api/v1${path}`
}

function written(name: string): string | undefined {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content
}
