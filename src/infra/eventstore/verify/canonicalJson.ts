/**
 * The one text of a JSON value, whoever wrote it and however it was stored: the JSON Canonicalization Scheme
 * (RFC 8785), by which names are sorted and nothing stands between the tokens.
 */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) {
    return value === undefined ? 'null' : JSON.stringify(value);
  }
  const members = new Map<string, unknown>(Object.entries(value));
  let text = '';
  for (const name of [...members.keys()].sort()) {
    const member = members.get(name);
    // As JSON.stringify does.
    if (member === undefined) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
};
