import { expect, test } from 'vitest';
import { loadConfig, parseConfig, renderConfig } from './config.ts';

const read = (text: string) => parseConfig(text, '/srv/windlass/windlass.toml');
const withService = (text: string) => read(`service = "bootstrap.example"\n${text}`);

test('a configuration with nothing but the service has the documented defaults', () => {
  expect(withService('')).toEqual({
    directory: '/srv/windlass',
    service: 'bootstrap.example',
    deviceListener: { address: '0.0.0.0', httpPort: 80, httpsPort: null, tls: [], requestsPerSecond: 50 },
    managementListener: { address: '127.0.0.1', port: 8443, tls: null },
    database: null,
    login: null,
    profile: { refreshSeconds: 86_400, retrySeconds: 60 },
    warnings: [],
  });
});

test('what init writes is read back', () => {
  const text = renderConfig({
    service: 'bootstrap.example',
    httpPort: 8080,
    httpsPort: 8444,
    tlsCertificate: '/etc/tls.pem',
    tlsKey: '/etc/tls.key',
    managementPort: 9000,
  });
  const config = read(text);
  expect(config.deviceListener).toMatchObject({ httpPort: 8080, httpsPort: 8444 });
  expect(config.deviceListener.tls).toEqual([{ certificate: '/etc/tls.pem', key: '/etc/tls.key' }]);
  expect(config.managementListener.port).toBe(9000);
  expect(config.warnings).toEqual([]);
  expect(read(renderConfig({ service: 'bootstrap.example' })).deviceListener).toMatchObject({
    httpPort: 80,
    httpsPort: null,
  });
});

test('HTTPS with an RSA and an ECDSA certificate and no HTTP; paths are relative to the file', () => {
  const { deviceListener } = withService(
    '[device-listener]\nhttps-port = 443\ntls-certificate = ["rsa.pem", "/ec.pem"]\ntls-key = ["rsa.key", "/ec.key"]',
  );
  expect(deviceListener).toMatchObject({ httpPort: null, httpsPort: 443 });
  expect(deviceListener.tls).toEqual([
    { certificate: '/srv/windlass/rsa.pem', key: '/srv/windlass/rsa.key' },
    { certificate: '/ec.pem', key: '/ec.key' },
  ]);
});

const url = (text: string) => `[database]\nurl = "${text}"`;

test('PostgreSQL by its URL; files are relative to the directory of the configuration', () => {
  const { database } = withService(
    `${url('postgres://windlass@db.example/w?sslrootcert=ca.pem')}\npassword-file = "secret/password"`,
  );
  expect(database).toEqual({
    host: 'db.example',
    port: 5432,
    user: 'windlass',
    database: 'w',
    password: null,
    passwordFile: '/srv/windlass/secret/password',
    tls: { authority: '/srv/windlass/ca.pem' },
  });
  expect(withService('').database).toBeNull();
  const text = renderConfig({ service: 'a.example', databaseUrl: 'postgres://u@h/w', databasePasswordFile: '/etc/pw' });
  expect(read(text)).toMatchObject({ database: { user: 'u', host: 'h', passwordFile: '/etc/pw' }, warnings: [] });
});

test('the environment goes over the file, and may have a password', () => {
  const environment = { WINDLASS_DATABASE_URL: 'postgres://device:s3cret@other.example/w' };
  const text = `service = "a.example"\n${url('postgres://windlass@db.example/w')}`;
  const { database } = parseConfig(text, '/srv/windlass/windlass.toml', environment);
  expect(database).toMatchObject({ host: 'other.example', user: 'device' });
  expect(database?.password?.()).toBe('s3cret');
  expect(JSON.stringify(database)).not.toContain('s3cret');
  const empty = parseConfig(text, '/srv/windlass/windlass.toml', { WINDLASS_DATABASE_URL: '' });
  expect(empty.database).toMatchObject({ user: 'windlass' });
  const wrong = () => parseConfig(text, 'f', { WINDLASS_DATABASE_URL: 's3cret' });
  expect(wrong).toThrow(/^WINDLASS_DATABASE_URL must be like "postgres:/);
});

test('a key that is not known is warned about, wherever it is', () => {
  const { warnings } = withService('serivce = 1\n[device-listener]\nhttpport = 1\n[profile]\nrefresh = 1');
  expect(warnings.map((warning) => warning.replace(/^.*toml: /, ''))).toEqual([
    'device-listener.httpport is not known and has no effect: check its spelling.',
    'profile.refresh is not known and has no effect: check its spelling.',
    'serivce is not known and has no effect: check its spelling.',
  ]);
});

test.each([
  ['', /service is missing: add it/],
  ['service = "Bootstrap Example"', /service must be the DNS name/],
  ['service = 5', /service must be text/],
  ['service = ', /is not TOML \(line 1\): correct it/],
  ['service = "a.example"\ndevice-listener = 1', /device-listener must be a table/],
  [
    'service = "a.example"\n[device-listener]\nhttp-port = 70000',
    /device-listener.http-port must be a whole number from 0 to 65535/,
  ],
  ['service = "a.example"\n[device-listener]\nhttp-port = "80"', /device-listener.http-port must be a whole number/],
  ['service = "a.example"\n[device-listener]\naddress = "localhost"', /device-listener.address must be an IP address/],
  ['service = "a.example"\n[device-listener]\nhttps-port = 443', /https-port needs tls-certificate and tls-key/],
  [
    'service = "a.example"\n[device-listener]\nhttps-port = 443\ntls-certificate = "a"',
    /tls-key must name as many files/,
  ],
  [
    'service = "a.example"\n[device-listener]\ntls-certificate = "a"\ntls-key = "b"',
    /tls-certificate needs https-port/,
  ],
  ['service = "a.example"\n[device-listener]\ntls-certificate = [1]\ntls-key = "b"', /must be the path of a PEM file/],
  [
    'service = "a.example"\n[management-listener]\naddress = "0.0.0.0"',
    /must be a loopback address, or have tls-certificate/,
  ],
  [`service = "a.example"\n[database]\nurl = "mysql://db/w"`, /windlass.toml: database.url must be like "postgres:/],
  [
    `service = "a.example"\n[database]\nurl = "postgres://u:p@db.example/w"`,
    /database.url must not have a password: name a file that has it with password-file, or set WINDLASS_DATABASE_URL/,
  ],
  [`service = "a.example"\n[database]\npassword-file = "f"`, /database.password-file needs url beside it/],
  [
    'service = "a.example"\n[profile]\nretry-seconds = 0',
    /profile.retry-seconds must be a whole number from 1 to 86400/,
  ],
])('%j: one sentence that says what to do', (text, sentence) => {
  expect(() => read(text)).toThrow(sentence);
});

test('a file that is missing, and a directory in its place', async () => {
  await expect(loadConfig('/nonexistent/windlass.toml')).rejects.toMatchObject({ code: 'config-missing' });
  await expect(loadConfig('/')).rejects.toMatchObject({ code: 'config-unreadable' });
});
