// Parts of a page that elements ask for by themselves.

// The answer with its text, or null where there was none. Whoever is not signed in any more is led to sign in.
export async function part(address) {
  try {
    const answer = await fetch(address, { headers: { "HX-Request": "true", "HX-Current-URL": location.href } });
    const door = answer.headers.get("HX-Redirect");
    if (door) location.assign(door);
    return door ? null : { status: answer.status, ok: answer.ok, text: await answer.text() };
  } catch {
    return null;
  }
}

// Shows one of the composer's prepared notices: `unreached`, `failed`; none: takes away what is shown.
export function notice(name) {
  const prepared = name && document.querySelector(`template[data-${name}]`)?.content.cloneNode(true);
  document.querySelector("#problem")?.replaceChildren(...(prepared ? [prepared] : []));
}
