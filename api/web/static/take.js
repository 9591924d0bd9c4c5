// Panels of what is taken along: Escape or a click elsewhere closes them, a text is chosen whole.
const open = () => document.querySelector("details.take[open]");

document.addEventListener("keydown", (event) => {
  const panel = open();
  if (event.key !== "Escape" || panel === null) return;
  panel.open = false;
  panel.querySelector("summary").focus();
});

document.addEventListener("click", (event) => {
  const panel = open();
  if (panel !== null && !panel.contains(event.target)) panel.open = false;
});

document.addEventListener("focusin", (event) => {
  if (event.target.matches(".take textarea")) event.target.select();
});
