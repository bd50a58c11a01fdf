"use strict";
// Copies the text of a box; without a clipboard it is selected, so that it can be copied by hand.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const text = document.getElementById(button.dataset.copy);
  const told = button.parentElement.querySelector('[role="status"]');
  try {
    await navigator.clipboard.writeText(text.textContent);
    told.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(text);
    told.textContent = "Selected: press Ctrl+C";
  }
});
