// Runs before anything is painted, so that a chosen theme does not flash. Without a choice the style sheet follows the system.
(() => {
  try {
    const chosen = localStorage.getItem('taskscope.theme');
    if (chosen === 'dark' || chosen === 'light') document.documentElement.dataset.theme = chosen;
  } catch {
    // Storage is forbidden here: follow the system.
  }
})();
