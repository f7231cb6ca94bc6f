// Runs before the first paint, as a classic script: see vite.config.mts.
try {
  const theme = localStorage.getItem('aludel-theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme
} catch {
  // Storage is off: the theme of the system it is.
}
