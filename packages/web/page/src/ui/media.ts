import { useEffect, useState } from 'preact/hooks'

/** Whether the window is as narrow as that of a phone. */
export function useNarrow(): boolean {
  return useMedia('(max-width: 47.999rem)')
}

/** Whether a query about the window holds. */
export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches)
  useEffect(() => {
    const list = matchMedia(query)
    const onChange = (): void => {
      setMatches(list.matches)
    }
    onChange()
    list.addEventListener('change', onChange)
    return () => {
      list.removeEventListener('change', onChange)
    }
  }, [query])
  return matches
}
