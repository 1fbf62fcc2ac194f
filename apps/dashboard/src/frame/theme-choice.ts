import { useState } from 'react'

/** Kept on this device; `public/theme.js` reads it before the first paint. */
const STORAGE_KEY = 'pacspace-theme'

/** The chosen theme, and what chooses another: `system`, `light` or `dark`. */
export function useTheme(): [theme: string, setTheme: (theme: string) => void] {
  const [theme, setTheme] = useState(() => document.documentElement.dataset.theme ?? 'system')
  return [
    theme,
    (next) => {
      setTheme(next)
      if (next === 'system') {
        localStorage.removeItem(STORAGE_KEY)
        delete document.documentElement.dataset.theme
      } else {
        localStorage.setItem(STORAGE_KEY, next)
        document.documentElement.dataset.theme = next
      }
    },
  ]
}
