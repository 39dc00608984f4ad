// Names of certificates as evidence for people: printable and short.

/** How much of a name that came from the network is shown. */
const MAX_NAME_CHARACTERS = 80;

/** Of a name as Node's X509Certificate writes it. */
export function nameText(name: string): string {
  return name
    .replaceAll('\n', ', ')
    .replace(/[^ !#-~]/g, '?')
    .slice(0, MAX_NAME_CHARACTERS);
}
