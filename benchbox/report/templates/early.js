"use strict";
document.documentElement.classList.add("js");
try {
  const theme = localStorage.getItem("benchbox-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch { /* a file may not be let remember */ }
