// Files of the model, from beside this module and from nowhere else.

export const here = name => new URL(name, import.meta.url);

// What .ci/live.py wrote about the model; null in a copy of the site that was built without it.
export async function readAbout() {
  const found = await fetch(here("model.json"), {cache: "no-cache"});
  return found.ok ? found.json() : null;
}

// A function that reads a file, and tells how many bytes of it have come.
export function reader(about, came = () => {}) {
  return async name => {
    const answer = await fetch(here(`${name}?${about.sha256[name].slice(0, 8)}`)); // a new model has new addresses
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
    const bytes = new Uint8Array(about.bytes[name]);
    const stream = answer.body.getReader();
    let at = 0;
    for (let part = await stream.read(); !part.done; part = await stream.read()) {
      bytes.set(part.value, at);
      at += part.value.length;
      came(part.value.length);
    }
    if (at !== bytes.length) throw new Error(`${name}: ${at} bytes instead of ${bytes.length}`);
    return bytes;
  };
}
