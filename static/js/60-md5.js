// MD5, by which archives know their files. Browsers do not offer it, since it is too weak for secrets.

const SLICE = 2 * 1024 * 1024; // so little work at a time that the page stays alive

// What each of the 64 steps adds, which word of the block it takes, and how far it turns.
const table = (entry) => Int32Array.from({ length: 64 }, (_, step) => entry(step, step >> 4));
const SINES = table((step) => Math.abs(Math.sin(step + 1)) * 2 ** 32);
const PLACES = table((step, round) => [step, 5 * step + 1, 3 * step + 5, 7 * step][round] & 15);
const TURNS = table((step, round) => [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21][4 * round + (step & 3)]);

/**
 * The MD5 of a File, as addresses have it: 22 characters of base64. It is read in slices of a multiple of 64 bytes;
 * `progress` hears before each what part is done. Rejects if the file cannot be read.
 */
async function fileMd5(file, progress, slice = SLICE) {
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  let rest = new Uint8Array(0);
  for (let start = 0; start < file.size; start += slice) {
    progress(start / file.size);
    const bytes = new Uint8Array(await file.slice(start, start + slice).arrayBuffer());
    rest = bytes.subarray(addBlocks(state, bytes));
  }
  addBlocks(state, ending(rest, file.size));
  const sum = new DataView(new ArrayBuffer(16));
  state.forEach((word, index) => sum.setInt32(4 * index, word, true));
  const text = btoa(String.fromCharCode(...new Uint8Array(sum.buffer)));
  return text.slice(0, 22).replace(/\+/g, "-").replace(/\//g, "_");
}

/** The last blocks of a message: its `rest`, a one, noughts, and its length in bits. */
function ending(rest, length) {
  const bytes = new Uint8Array(rest.length < 56 ? 64 : 128);
  bytes.set(rest);
  bytes[rest.length] = 0x80;
  const view = new DataView(bytes.buffer, bytes.length - 8);
  view.setUint32(0, length * 8, true);
  view.setUint32(4, length / 2 ** 29, true);
  return bytes;
}

/** Works all whole blocks of 64 bytes into the state; tells where what is left begins. */
function addBlocks(state, bytes) {
  const view = new DataView(bytes.buffer);
  const words = new Int32Array(16);
  let at = 0;
  for (; at + 64 <= bytes.length; at += 64) {
    for (let index = 0; index < 16; index++) words[index] = view.getInt32(at + 4 * index, true);
    let { 0: a, 1: b, 2: c, 3: d } = state;
    for (let step = 0; step < 64; step++) {
      const mixed =
        step < 16 ? d ^ (b & (c ^ d)) : step < 32 ? c ^ (d & (b ^ c)) : step < 48 ? b ^ c ^ d : c ^ (b | ~d);
      const sum = (a + mixed + SINES[step] + words[PLACES[step]]) | 0;
      a = d;
      d = c;
      c = b;
      b = (b + ((sum << TURNS[step]) | (sum >>> (32 - TURNS[step])))) | 0;
    }
    state.set([state[0] + a, state[1] + b, state[2] + c, state[3] + d]);
  }
  return at;
}
