// Before anything is drawn: the theme that was chosen last, else the one of the system.
const kept = localStorage.getItem("theme");
if (kept) document.documentElement.dataset.theme = kept;
