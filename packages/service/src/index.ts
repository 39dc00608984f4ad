// The package's names.
export { ConfigError, type ConfigErrorCode, StoreError, type StoreErrorCode } from './errors.ts';
export { type InitializeOptions, initialize } from './initialize.ts';
export { type RecoveredToken, type RecoverOptions, recoverToken } from './recover-token.ts';
export { type RunningService, type ServeOptions, serve } from './serve.ts';
export { type InstalledSigners, type InstallOptions, installSigners } from './signer/install.ts';
export { type IssuedSigner, type IssuedSigners, type IssueOptions, issueSigners } from './signer/issue.ts';
export { SignerError, type SignerErrorCode } from './signer/ports.ts';
export { type RevokedSigners, type RevokeOptions, revokeSigners } from './signer/revoke.ts';
