// The theme that was chosen on this device; without a choice the system's, by the style sheet alone.
try {
  const theme = localStorage.getItem('pacspace-theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // A browser that keeps nothing for this page gets the system's theme.
}
