// A button that copies the whole name of a file. There is one, which goes to the file that the pointer or the focus is
// at.

const copyName = made("button", { type: "button", className: "copy_name" }, "Copy name");

copyName.addEventListener("click", async () => {
  const { title, textContent } = copyName.closest(".post_file").querySelector(".post_file_filename");
  try {
    await navigator.clipboard.writeText(title || textContent);
    copyName.textContent = "Copied";
    announce("The file's name is copied.");
  } catch {
    announce("The browser does not let this page copy.");
  }
});

function offerCopy(event) {
  const file = event.target.closest?.(".post_file");
  if (!file || file.contains(copyName)) return;
  copyName.textContent = "Copy name";
  file.append(copyName);
}

if (navigator.clipboard) {
  document.addEventListener("pointerover", offerCopy);
  document.addEventListener("focusin", offerCopy);
}
