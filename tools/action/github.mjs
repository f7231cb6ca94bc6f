import { marker } from './report.mjs'

/** Requests to the API of GitHub about one repository. */
export class GitHub {
  #api
  #repository
  #token

  /** @param {{ api: string, repository: string, token: string }} options `repository`: `owner/name` */
  constructor({ api, repository, token }) {
    this.#api = api
    this.#repository = repository
    this.#token = token
  }

  /**
   * @param {string} method
   * @param {string} path inside the repository
   * @param {object} [body]
   * @returns {Promise<any>}
   * @throws {Error} with the status and what GitHub says
   */
  async ask(method, path, body) {
    const response = await fetch(`${this.#api}/repos/${this.#repository}${path}`, {
      method,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${this.#token}`,
        'x-github-api-version': '2022-11-28',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 200)}`)
    return JSON.parse(text)
  }

  /**
   * All items of a list.
   *
   * @param {string} path
   * @returns {Promise<any[]>}
   */
  async all(path) {
    const items = []
    for (let page = 1; ; page += 1) {
      const part = await this.ask('GET', `${path}?per_page=100&page=${page}`)
      items.push(...part)
      if (part.length < 100) return items
    }
  }
}

/**
 * The files of a pull request that are new or changed in it.
 *
 * @param {GitHub} github
 * @param {number} number
 * @returns {Promise<string[]>}
 */
export async function changedFiles(github, number) {
  const files = await github.all(`/pulls/${number}/files`)
  return files.filter(({ status }) => status !== 'removed').map(({ filename }) => filename)
}

/**
 * Writes the comment of this action, or replaces the one of an earlier run.
 *
 * @param {GitHub} github
 * @param {number} number
 * @param {string} body begins with the marker
 */
export async function writeComment(github, number, body) {
  const comments = await github.all(`/issues/${number}/comments`)
  const mine = comments.find((/** @type {{ body?: string }} */ comment) => comment.body?.startsWith(marker))
  if (mine?.body === body) return
  if (mine === undefined) await github.ask('POST', `/issues/${number}/comments`, { body })
  else await github.ask('PATCH', `/issues/comments/${mine.id}`, { body })
}
