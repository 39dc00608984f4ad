// The rows of observation marks as they are stored; what one means is in management-ports-observations.ts.

/** Table by table. */
export interface ObservationDatabase {
  observation_marks: {
    organization: string;
    observation: string;
    /** JSON: base64 of each. */
    certificates: string;
    first_seen: number;
    last_seen: number;
    link_network: string | null;
    link_fingerprint: string | null;
    asked: number | null;
    note: string | null;
    ignored_until: number | null;
    hostile: number | null;
  };
}
