// Search for a file by its MD5, made here: nothing is uploaded, and the pages' policy would not let it.

/** `input` is the file input in the drop zone of a search form; both are hidden until this runs. */
function searchImage(input) {
  if (!Blob.prototype.arrayBuffer) return; // too old a browser
  const zone = input.closest(".drop_zone");
  const status = zone.appendChild(document.createElement("span"));
  status.setAttribute("role", "status");
  zone.hidden = input.hidden = false;

  let latest = 0; // only the file that was given last is searched for
  const search = async (file) => {
    const mine = ++latest;
    const say = (words) => {
      if (mine === latest) status.textContent = words;
    };
    input.closest("details").open = true; // else nobody would see the words
    zone.scrollIntoView({ block: "nearest" });
    if (!file) return say("That was no file.");
    if (file.size === 0) return say(`${file.name} is empty.`);
    try {
      const hash = await fileMd5(file, (part) => say(`Reading ${file.name}: ${Math.floor(100 * part)} %`));
      if (mine !== latest) return;
      say(`Searching for ${file.name} …`);
      location.assign(addressOf(input.form, hash));
    } catch (error) {
      say(`${file.name} could not be read. Is it a folder?`);
    }
  };

  input.addEventListener("change", () => {
    if (input.files.length > 0) search(input.files[0]);
    input.value = ""; // so that the same file may be chosen again
  });

  const over = (event, isOver) => {
    if (!event.dataTransfer.types.includes("Files")) return false;
    event.preventDefault(); // else the browser would leave the page for the file
    zone.classList.toggle("drop_zone_over", isOver);
    return true;
  };
  document.addEventListener("dragover", (event) => over(event, true));
  document.addEventListener("dragleave", (event) => over(event, event.relatedTarget !== null));
  document.addEventListener("drop", (event) => {
    if (over(event, false)) search(event.dataTransfer.files[0]);
  });
  document.addEventListener("paste", (event) => {
    const { files, types } = event.clipboardData;
    // Office programs add a picture of the words: then the words are meant.
    if (files.length === 0 || types.includes("text/plain")) return;
    event.preventDefault();
    search(files[0]);
  });

  window.addEventListener("pagehide", () => {
    latest += 1;
    status.textContent = ""; // the way back may show this page as it was
  });
}

/** The form's own page, asked for the hash on the boards that are chosen. */
function addressOf(form, hash) {
  const address = new URL(form.action);
  const boards = new FormData(form).getAll("boards").filter(Boolean);
  address.search = "";
  if (boards.length > 0) address.searchParams.set("boards", boards.join("."));
  address.searchParams.set("image", hash);
  return address;
}

feature("[data-search-image]", searchImage);
