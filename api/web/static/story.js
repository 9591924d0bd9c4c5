// The arrow keys lead through a story: the one towards the end of a line goes on.
const story = document.querySelector("[data-story]");
const onwards = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";

if (story !== null) {
  document.addEventListener("keydown", (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.target.closest("input, textarea, select, svg, [tabindex='0']")) return;
    story.querySelector(`a[rel=${event.key === onwards ? "next" : "prev"}]`)?.click();
  });
}
