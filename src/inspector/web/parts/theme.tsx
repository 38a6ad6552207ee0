import { useState } from 'preact/hooks';

const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const KEY = 'llm-router-inspector.theme';

/** A browser may keep nothing, and say so by throwing. */
function kept(): Theme {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? 'system';
  } catch {
    return 'system';
  }
}

function keep(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // It holds until the page is left.
  }
}

function wear(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

/** Puts on the theme that was chosen before. */
export const wearKeptTheme = (): void => wear(kept());

/** Goes from system to light to dark, and around. */
export function ThemeToggle() {
  const [theme, setTheme] = useState(kept);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;
  return (
    <button
      type="button"
      class="theme"
      title={`Theme: ${theme}. Change to ${next}.`}
      aria-label={`Theme: ${theme}`}
      onClick={() => {
        keep(next);
        wear(next);
        setTheme(next);
      }}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="8" cy="8" r="6" />
        <path d={{ system: 'M8 2a6 6 0 0 1 0 12z', light: '', dark: 'M8 2a6 6 0 0 1 0 12a6 6 0 0 1 0-12z' }[theme]} />
      </svg>
      <span aria-hidden="true">{theme}</span>
    </button>
  );
}
