// What goes wrong on our side of the wire: the operator's configuration, and the database.

/** What is wrong with the configuration or what it names. */
export type ConfigErrorCode =
  | 'config-missing'
  | 'config-unreadable'
  | 'config-invalid'
  | 'file-missing'
  | 'file-unreadable'
  | 'port-in-use'
  | 'port-forbidden'
  | 'address-unavailable'
  | 'no-responder'
  | 'service-anchor'
  | 'tls';

/** The service cannot start as it is configured. `message` is one sentence that says what to do; it quotes no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code: ConfigErrorCode;

  constructor(code: ConfigErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** A known device asks for more than a device does. `seconds`: after which it may ask again. */
export class QuotaError extends Error {
  override readonly name = 'QuotaError';
  readonly seconds: number;

  constructor(seconds: number) {
    super(`The device asks too often: it has to wait ${seconds} seconds.`);
    this.seconds = seconds;
  }
}

/** What is wrong with a database. */
export type StoreErrorCode =
  | 'missing'
  | 'unreadable'
  | 'foreign'
  | 'newer'
  | 'older'
  | 'busy'
  | 'full'
  | 'unavailable'
  | 'inconsistent';

/** The database cannot be used. `message` is one sentence that says what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  /** Whether the same request can succeed a moment later. */
  get retryable(): boolean {
    return this.code === 'busy' || this.code === 'unavailable';
  }
}
