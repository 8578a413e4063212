// As much of a browser with a search page as the scripts touch. What they do with it stands in `page`.

const feature = () => {}; // what 00-base.js does

class Target {
  constructor() {
    this.heard = {};
  }

  addEventListener(kind, act) {
    (this.heard[kind] = this.heard[kind] || []).push(act);
  }

  /** Whether somebody kept the browser from doing what it does by itself. */
  fire(kind, event) {
    let prevented = false;
    const told = Object.assign({ preventDefault: () => (prevented = true) }, event);
    (this.heard[kind] || []).forEach((act) => act(told));
    return prevented;
  }
}

class FakeElement extends Target {
  constructor(around = {}) {
    super();
    Object.assign(this, { around, hidden: true, open: false, files: [], children: [], roles: {}, said: [] });
    this.classes = new Set();
    this.classList = { toggle: (name, on) => (on ? this.classes.add(name) : this.classes.delete(name)) };
  }

  closest(selector) {
    return this.around[selector];
  }

  appendChild(child) {
    this.children.push(child);
    return child;
  }

  setAttribute(name, value) {
    this.roles[name] = value;
  }

  set textContent(words) {
    this.said.push(words);
  }

  scrollIntoView() {}
}

class Blob {
  constructor(name, text, readable = true) {
    this.name = name;
    this.bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    this.size = this.bytes.length;
    this.readable = readable;
  }

  arrayBuffer() {} // is looked for, to know an old browser

  slice(start, end) {
    const read = async () => {
      if (!this.readable) throw new Error("NotReadableError");
      return this.bytes.slice(start, end).buffer;
    };
    return { arrayBuffer: read };
  }
}

class FormData {
  constructor(form) {
    this.getAll = (name) => form.values[name] || [];
  }
}

class URL {
  constructor(text) {
    this.path = text;
    this.pairs = [["not", "emptied"]];
    this.searchParams = { set: (key, value) => this.pairs.push([key, value]) };
  }

  set search(text) {
    this.pairs = [];
  }

  toString() {
    return `${this.path}?${this.pairs.map((pair) => pair.map(encodeURIComponent).join("=")).join("&")}`;
  }
}

const document = Object.assign(new Target(), { createElement: () => new FakeElement() });
const window = new Target();
const details = new FakeElement();
const zone = new FakeElement();
const input = new FakeElement({ details, ".drop_zone": zone });
const went = [];
const location = { assign: (address) => went.push(String(address)) };

/** The page when its script has run; `values` are what the form would send. */
function openPage(action, values) {
  input.form = { action, values };
  searchImage(input);
}
