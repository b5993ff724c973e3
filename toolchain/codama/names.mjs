// The renderer names what encodes a type `Order` `OrderArgs`. Types of ours that end so would meet that name, so that they end in
// `Params` in TypeScript.

export function withoutArgs(idl) {
  const ours = new Set((idl.types ?? []).map((type) => type.name).filter((name) => name.endsWith("Args")));
  const named = (name) => (ours.has(name) ? name.replace(/Args$/, "Params") : name);
  const walk = (node) => {
    if (Array.isArray(node)) return node.map(walk);
    if (node === null || typeof node !== "object") return node;
    const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, walk(value)]));
    if (copy.defined?.name) copy.defined = { ...copy.defined, name: named(copy.defined.name) };
    return copy;
  };
  const copy = walk(idl);
  copy.types = (copy.types ?? []).map((type) => ({ ...type, name: named(type.name) }));
  return copy;
}
