// What somebody carries between a device without a way out and the service: the device listener's two exchanges, by hand.
import { type ClientOptions, parseUrl, transportOf } from './client.ts';

/** What came back, whatever it is. */
export interface CarriedReply {
  readonly status: number;
  readonly text: string;
}

/** The reply of the device listener at `url` to a message that a device signed. @throws ManagementError as the client */
export async function sendCarried(
  options: Omit<ClientOptions, 'token'>,
  message: { readonly exchange: 'bootstrap' | 'report'; readonly body: string },
): Promise<CarriedReply> {
  const url = new URL(`/.well-known/windlass/v1/${message.exchange}`, parseUrl(options.url));
  const headers = { accept: 'application/json', 'content-type': 'application/json', 'cache-control': 'no-store' };
  const { status, text } = await transportOf(options)({ url, method: 'POST', headers, body: message.body });
  return { status, text };
}
