// Serials that begin in the same way, as a range that an index serves.

/** The first text, by bytes, that does not begin like this any more. Serials are printable ASCII, so there is one. */
export function behindPrefix(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}
