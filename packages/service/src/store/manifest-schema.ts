// The rows of migration 0004 as they are stored; what one means is in manifest-ports.ts.

/** Table by table. */
export interface ManifestDatabase {
  manifest_devices: {
    manufacturer: string;
    serial: string;
    key_digest: string;
    model: string | null;
    code_hash: string | null;
    code_used: number | null;
    label_proof: number;
    organization: string | null;
    order_number: string | null;
    import_id: string;
    imported: number;
  };
  claim_attempts: { id: string; time: number; serial: string; actor: string; organization: string };
  transfers: {
    id: string;
    manufacturer: string;
    serial: string;
    ownership: number;
    from_organization: string;
    to_organization: string;
    offered: number;
    offered_by: string;
    expires: number;
    ended: number | null;
    outcome: string | null;
  };
  device_names: { manufacturer: string; serial: string; ownership: number; name: string };
}
