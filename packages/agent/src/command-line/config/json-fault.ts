// Where a text is no JSON, for somebody who wrote it by hand.

/** What is wrong with `text`, which strict JSON is not; completes "is not JSON: ". None of the text is repeated: it may have a password. */
export function jsonFaultOf(text: string): string {
  if (text.trim() === '') return 'it is empty';
  const lines = text.split(/(?<=\n)/);
  const broken = lines.findIndex((_, i) => isBroken(lines.slice(0, i + 1).join('')));
  if (broken >= 0)
    return `see line ${broken + 1} (names and texts in double quotes, a comma between two members and none after the last, no comments)`;
  return faultOf(text) === null
    ? 'a member is there twice, or a number is not a whole one from 0 on'
    : 'it ends too early: a bracket or a quotation mark is missing';
}

/** Nothing that follows can make JSON of it: the parser stumbles before its end. */
function isBroken(start: string): boolean {
  const fault = faultOf(start);
  if (fault === null || /Unexpected end|Unterminated/.test(fault)) return false;
  return Number(/position (\d+)/.exec(fault)?.[1]) !== start.length;
}

function faultOf(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return `${error}`;
  }
}
