// Times as requests write them: whole, or a date alone.
import { parseTime, type UnixSeconds } from '@windlass/protocol';

/** The time, or the first second of the date in UTC. @throws ProtocolError `schema`: it is not in the calendar */
export function parseDateOrTime(text: string): UnixSeconds {
  return parseTime(text.includes('T') ? text : `${text}T00:00:00Z`);
}
