// Bundles at paths that the configuration does not name any more. Nothing of ours stays in them: whoever reads one still would trust it
// past every end.
import type { FileSystem, StoreReceipt } from '../ports.ts';
import { diskFiles, replaceDurably } from '../state/file-system.ts';
import type { StateStore } from '../state/store.ts';
import { codeOf } from '../transport/path-error.ts';
import { OWN_MARK } from '../trust-store/bundle.ts';

/** Where bundles were, as the state remembers. */
export function formerPaths(state: StateStore, configured: readonly { readonly path: string }[]): readonly string[] {
  return state.current.paths.filter((path) => !configured.some((store) => store.path === path));
}

/** They have no anchor of ours, and what else is in them stays; a receipt, named by its path, for each that cannot be written. */
export function purgeFormer(paths: readonly string[], files: FileSystem = diskFiles): readonly StoreReceipt[] {
  return paths.flatMap((path): StoreReceipt[] => {
    try {
      purge(path, files);
      return [];
    } catch (error) {
      const detail = codeOf(error);
      return [{ name: path, kind: 'bundle', state: 'not-managed', scopeEnforced: false, anchors: [], detail }];
    }
  });
}

/** An anchor as a bundle has it: our line, and the certificate. */
const OWN_TEXTS = new RegExp(`^${OWN_MARK}.*\\n[^#]*?-----END CERTIFICATE-----\\n`, 'gm');

function purge(path: string, files: FileSystem): void {
  const text = `${files.read(path) ?? ''}`;
  const rest = text.replace(OWN_TEXTS, '');
  if (rest !== text) replaceDurably(files, path, Buffer.from(rest), 0o644);
}
