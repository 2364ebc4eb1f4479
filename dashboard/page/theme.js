// Light or dark: as the system says, until the button is pressed. Not a module, so that it runs before the first paint.
'use strict';

(() => {
  const root = document.documentElement;
  const stored = localStorage.getItem('theme');
  if (stored) root.dataset.theme = stored;
  document.addEventListener('DOMContentLoaded', () => {
    document.querySelector('#theme').addEventListener('click', () => {
      const isDark = root.dataset.theme
        ? root.dataset.theme === 'dark'
        : matchMedia('(prefers-color-scheme: dark)').matches;
      root.dataset.theme = isDark ? 'light' : 'dark';
      localStorage.setItem('theme', root.dataset.theme);
    });
  });
})();
