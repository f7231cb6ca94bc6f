/** The words of what somebody typed into a search field, in lower case. */
export function wordsOf(search: string): readonly string[] {
  return search.toLowerCase().split(/\s+/).filter(Boolean)
}

/**
 * Whether a text has every word somewhere.
 *
 * @param text in lower case, as {@link wordsOf} gives the words
 */
export function hasWords(text: string, words: readonly string[]): boolean {
  return words.every((word) => text.includes(word))
}
