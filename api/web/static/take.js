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

// Copy HTML or BibTeX whole, where there is a clipboard. What the server writes anew has its buttons, too.
const offer = () => {
  for (const button of document.querySelectorAll("[data-clip][hidden]")) button.hidden = navigator.clipboard === undefined;
};
offer();
document.addEventListener("followed", offer);

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-clip]");
  if (button === null) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.clip).value);
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 1500);
});
