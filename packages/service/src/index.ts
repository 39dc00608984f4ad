// The package's names.
export { ConfigError, type ConfigErrorCode, StoreError, type StoreErrorCode } from './errors.ts';
export { type RunningService, type ServeOptions, serve } from './serve.ts';
